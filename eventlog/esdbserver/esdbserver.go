// Package esdbserver puts EventStoreDB's gRPC protocol in front of an event log,
// so that a tool which reads EventStoreDB reads this log the same way.
//
// It promises that the Go and the Node client of EventStoreDB can read streams
// and $all in both directions, follow them with or without a filter, and find
// the same positions, revisions and errors as on a real server. Nothing of the
// log is told before Options.MayRead has said yes, and without TLS it listens on
// loopback only. It keeps nothing of a reader but its place and the page that is
// being sent: a slow reader is waited for, and holds up nobody else.
//
// It never writes. The code that answers Append is in esdbtest, for tests, and
// comes in through Options.Append; a binary without it cannot be made to write.
//
// Its limits, each refused by name with the status Unimplemented or
// InvalidArgument, never ignored:
//   - deletes, tombstones, BatchAppend, persistent subscriptions, projections,
//     users, operations and whatever else the protocol has;
//   - metadata streams ($$…), reading and writing;
//   - regular expressions that RE2 does not know (lookaround, backreferences).
//
// Such a log has no system events, no links and nothing scavenged, and all its
// events are JSON. It is one node, always the leader. Compatibility goes as far
// as those two clients look, and no further: docs/eventstoredb.md says what was
// read where.
package esdbserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"lobby.example/eventlog"
)

// ErrInTheClear refuses to serve other machines without TLS.
var ErrInTheClear = errors.New("esdbserver: without TLS it listens on loopback only")

// Options say how a log is served. MayRead must be set.
type Options struct {
	// MayRead says what credentials are good for. It is asked at the start of
	// each read, and again in the course of one that lasts longer than Recheck.
	// Anyone lets everybody read.
	MayRead func(context.Context, Credentials) Access
	// Recheck is how long an answer of MayRead holds; 0 means a minute.
	Recheck time.Duration
	// TLS is what the listener speaks; nil means in the clear, on loopback only.
	TLS *tls.Config
	// MaxReads bounds the reads and subscriptions under way; 0 means 256.
	MaxReads int
	// Logger gets the causes of what failed here; nil means slog.Default.
	Logger *slog.Logger
	// Append answers Streams.Append; nil refuses it. It is for tests: see esdbtest.
	Append func(streams.Streams_AppendServer) error
}

// Server serves one log.
type Server struct {
	log     eventlog.Log
	options Options
	grpc    *grpc.Server
	reads   chan struct{} // one element for each read under way
	commits commits
}

// New makes a server for the log, which stays the caller's to close, after the server.
func New(log eventlog.Log, options Options) (*Server, error) {
	if options.MayRead == nil {
		return nil, errors.New("esdbserver: nobody says who may read: set Options.MayRead")
	}
	if options.Recheck <= 0 {
		options.Recheck = time.Minute
	}
	if options.MaxReads <= 0 {
		options.MaxReads = 256
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	s := &Server{log: log, options: options, reads: make(chan struct{}, options.MaxReads), commits: commits{log: log}}
	s.grpc = grpc.NewServer(s.transport()...)
	streams.RegisterStreamsServer(s.grpc, &streamsService{server: s})
	gossip.RegisterGossipServer(s.grpc, gossipService{})
	serverfeatures.RegisterServerFeaturesServer(s.grpc, featuresService{appends: options.Append != nil})
	return s, nil
}

// What a client sends is small, except for the events of an append.
const (
	maxRequest = 64 << 10
	maxAppend  = maxRequest + 2*eventlog.MaxEventBytes
)

func (s *Server) transport() []grpc.ServerOption {
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.StreamInterceptor(s.admitStream),
		grpc.UnaryInterceptor(s.admitCall),
		grpc.UnknownServiceHandler(refuseUnknown),
		// The clients ask every ten seconds whether the server is still there,
		// calls or no calls; the default would turn them away for it.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		// And the server asks too, or the place of a reader that is gone would be kept.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Second, Timeout: 10 * time.Second}),
		grpc.WaitForHandlers(true),
	}
	if s.options.Append != nil {
		options = append(options, grpc.MaxRecvMsgSize(maxAppend))
	}
	if s.options.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.options.TLS)))
	}
	return options
}

// Serve answers on the listener until Close, and then returns nil. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	if s.options.TLS == nil && !loopback(l.Addr()) {
		return errors.Join(fmt.Errorf("%w, not on %s", ErrInTheClear, l.Addr()), l.Close())
	}
	err := s.grpc.Serve(l)
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}

func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// Close ends all connections, subscriptions with them, and returns when nothing
// of the server uses the log any more.
func (s *Server) Close() { s.grpc.Stop() }
