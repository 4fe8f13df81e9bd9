package mailtest

import "net"

// counted knows the server's connections, so that they can be counted and ended.
type counted struct {
	net.Listener
	server *Server
}

func (l counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s := l.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	s.accepted++
	s.open[c] = true
	s.change()
	return ended{c, s}, nil
}

type ended struct {
	net.Conn
	server *Server
}

func (c ended) Close() error {
	c.server.mu.Lock()
	delete(c.server.open, c.Conn)
	c.server.change()
	c.server.mu.Unlock()
	return c.Conn.Close()
}
