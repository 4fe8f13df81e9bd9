package hook

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// names makes a client look up every name at a server that gives these addresses
// for it, in this order, for the first look-up, for the second, and so on; the last
// answer stands.
func names(t *testing.T, lookups ...[]string) func(*Options) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 1500)
		for n := 0; ; {
			size, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			q := question[:size]
			end := 12 // of the question: the name, its type, its class
			for q[end] != 0 {
				end += int(q[end]) + 1
			}
			end += 5
			answer := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
			if binary.BigEndian.Uint16(q[end-4:]) == 1 { // of IPv4; there is nothing else
				for _, ip := range lookups[min(n, len(lookups)-1)] {
					v4 := netip.MustParseAddr(ip).As4()
					answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
					answer = append(answer, v4[:]...)
					answer[7]++
				}
				n++
			}
			_, _ = server.WriteTo(answer, from)
		}
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return func(o *Options) {
		o.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
		}}
	}
}

// named is the receiver's URL with a name for its address.
func named(r *receiver) string {
	return "http://hook.receiver.example" + r.URL[strings.LastIndex(r.URL, ":"):]
}

func TestANameOfThisMachine(t *testing.T) {
	to := receive(t, (*httptest.Server).Start, nil)
	c := client(t, names(t, []string{"127.0.0.1"}), func(o *Options) { o.Allow = nil })
	refusedAs(t, c.Reach(t.Context(), named(to)), "target_not_allowed")
	err := c.Deliver(t.Context(), request(named(to)))
	mayPass(t, err, "may not go to this address")
	if !errors.Is(err, ErrNotAllowed) {
		t.Error(err)
	}
	if n := len(to.arrived()); n != 0 {
		t.Errorf("%d deliveries", n)
	}
}

// TestANameThatChanges stands for an address that is allowed when it is looked at,
// and for another one when it is delivered to: what is dialled is what counts.
func TestANameThatChanges(t *testing.T) {
	inside := receive(t, listenAt(t, "127.0.0.2:0"), nil)
	_, port, _ := strings.Cut(inside.URL[len("http://"):], ":")
	outside := receive(t, listenAt(t, "127.0.0.1:"+port), nil)

	c := client(t, names(t, []string{"127.0.0.1"}, []string{"127.0.0.2"}))
	if err := c.Reach(t.Context(), named(inside)); err != nil {
		t.Fatal(err)
	}
	if err := c.Deliver(t.Context(), request(named(inside))); !errors.Is(err, ErrNotAllowed) {
		t.Error(err)
	}
	if n := len(inside.arrived()) + len(outside.arrived()); n != 0 {
		t.Errorf("%d deliveries", n)
	}

	// A connection that is open stays where it was dialled to.
	c = client(t, names(t, []string{"127.0.0.1"}, []string{"127.0.0.2"}))
	for range 2 {
		if err := c.Deliver(t.Context(), request(named(inside))); err != nil {
			t.Error(err)
		}
	}
	c.transport.CloseIdleConnections()
	if err := c.Deliver(t.Context(), request(named(inside))); !errors.Is(err, ErrNotAllowed) {
		t.Error(err)
	}
	if in, out := len(inside.arrived()), len(outside.arrived()); in != 0 || out != 2 {
		t.Errorf("%d deliveries inside, %d outside", in, out)
	}
}

// TestANameWithTwoAddresses of which one is not allowed, in either order: it never
// hears of it.
func TestANameWithTwoAddresses(t *testing.T) {
	inside := receive(t, listenAt(t, "127.0.0.2:0"), nil)
	_, port, _ := strings.Cut(inside.URL[len("http://"):], ":")
	outside := receive(t, listenAt(t, "127.0.0.1:"+port), nil)
	for _, order := range [][]string{{"127.0.0.1", "127.0.0.2"}, {"127.0.0.2", "127.0.0.1"}} {
		if err := client(t, names(t, order)).Deliver(t.Context(), request(named(inside))); err != nil {
			t.Error(err)
		}
	}
	if in, out := len(inside.arrived()), len(outside.arrived()); in != 0 || out != 2 {
		t.Errorf("%d deliveries inside, %d outside", in, out)
	}
}

func TestANameWithNoAddress(t *testing.T) {
	c := client(t, names(t, nil))
	mayPass(t, c.Deliver(t.Context(), request("http://hook.receiver.example/")), "no such host")
	err := c.Reach(t.Context(), "https://hook.receiver.example/")
	refusedAs(t, err, "target_unreachable")
	if !strings.Contains(err.Error(), "there is no such host") {
		t.Error(err)
	}
}
