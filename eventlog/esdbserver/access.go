package esdbserver

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Credentials are what a caller sent: user and password, a bearer token, or nothing.
type Credentials struct {
	User, Password string
	Bearer         string
}

// Access is what credentials are good for.
type Access int

const (
	Unknown Access = iota // nobody known: the caller is told to authenticate
	Denied                // somebody who may not read
	Reader                // somebody who may
)

// Anyone is a MayRead that lets everybody read.
func Anyone(context.Context, Credentials) Access { return Reader }

// open are the methods that a client calls before it sends credentials. They
// tell nothing of the log.
var open = map[string]bool{
	"/event_store.client.gossip.Gossip/Read":                                 true,
	"/event_store.client.server_features.ServerFeatures/GetSupportedMethods": true,
}

func (s *Server) admitCall(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if !open[info.FullMethod] {
		if err := s.mayRead(ctx); err != nil {
			return nil, err
		}
	}
	return handle(ctx, request)
}

func (s *Server) admitStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if err := s.mayRead(stream.Context()); err != nil {
		return err
	}
	return handle(service, stream)
}

// mayRead asks about the credentials of a call. As on a real server, a caller
// who sends none is an anonymous one who is denied, not one to authenticate.
func (s *Server) mayRead(ctx context.Context) error {
	c, ok := sent(ctx)
	if !ok {
		return unauthenticated()
	}
	switch s.options.MayRead(ctx, c) {
	case Reader:
		return nil
	case Denied:
		return accessDenied(ctx)
	}
	if c == (Credentials{}) {
		return accessDenied(ctx)
	}
	return unauthenticated()
}

// sent reads the credentials of a call. It reports false for what it cannot read.
func sent(ctx context.Context) (c Credentials, ok bool) {
	md, _ := metadata.FromIncomingContext(ctx)
	values := md.Get("authorization")
	if len(values) == 0 {
		return c, true
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	rest = strings.TrimSpace(rest)
	switch {
	case len(values) > 1 || rest == "":
		return c, false
	case strings.EqualFold(scheme, "Bearer"):
		return Credentials{Bearer: rest}, true
	case strings.EqualFold(scheme, "Basic"):
		text, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return c, false
		}
		c.User, c.Password, ok = strings.Cut(string(text), ":")
		return c, ok && c.User != ""
	}
	return c, false
}

// guard asks again whether a long read may go on.
type guard struct {
	server *Server
	until  time.Time
}

func (s *Server) newGuard() *guard { return &guard{s, time.Now().Add(s.options.Recheck)} }

func (g *guard) check(ctx context.Context) error {
	if time.Now().Before(g.until) {
		return nil
	}
	g.until = time.Now().Add(g.server.options.Recheck)
	return g.server.mayRead(ctx)
}

func unauthenticated() error {
	return status.Error(codes.Unauthenticated, "Not authenticated: the credentials are not known here.")
}

func accessDenied(ctx context.Context) error {
	return exception(ctx, codes.PermissionDenied, "Access Denied", "access-denied")
}
