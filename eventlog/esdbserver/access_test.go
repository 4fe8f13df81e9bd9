package esdbserver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// auditor may read, somebody else may not, and nobody else is known.
func auditor(_ context.Context, c esdbserver.Credentials) esdbserver.Access {
	switch c {
	case esdbserver.Credentials{User: "auditor", Password: "s:ecret"}, esdbserver.Credentials{Bearer: "good.token"}:
		return esdbserver.Reader
	case esdbserver.Credentials{User: "tenant", Password: "secret"}, esdbserver.Credentials{Bearer: "other.token"}:
		return esdbserver.Denied
	}
	return esdbserver.Unknown
}

// secure is a server for auditors over TLS, and its certificate.
func secure(t *testing.T) (*esdbtest.Server, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, esdbserver.Options{
		MayRead: auditor,
		TLS:     &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	}), certificate
}

func TestUserAndPasswordDecideOverTLS(t *testing.T) {
	s, certificate := secure(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(certificate)
	write(t, s.Log, "post-1", some("post_published", 3)...)
	for name, c := range map[string]struct {
		who  *esdb.Credentials
		code esdb.ErrorCode
	}{
		"who may":        {&esdb.Credentials{Login: "auditor", Password: "s:ecret"}, 0},
		"who may not":    {&esdb.Credentials{Login: "tenant", Password: "secret"}, esdb.ErrorCodeAccessDenied},
		"wrong password": {&esdb.Credentials{Login: "auditor", Password: "secret"}, esdb.ErrorCodeUnauthenticated},
		"nobody":         {nil, esdb.ErrorCodeAccessDenied},
	} {
		t.Run(name, func(t *testing.T) {
			client := connect(t, s.URL, func(o *esdb.Configuration) {
				o.RootCAs = trusted
				if c.who != nil {
					o.Username, o.Password = c.who.Login, c.who.Password
				}
			})
			stream, err := client.ReadAll(within(t), esdb.ReadAllOptions{}, all)
			if c.code == 0 {
				same(t, drain(t, stream, err), logged(t, s.Log))
			} else if _, err = stream.Recv(); !hasCode(err, c.code) {
				t.Errorf("reading says %v", err)
			}
			// The call may bring credentials of its own.
			stream, err = client.ReadStream(within(t), "post-1", esdb.ReadStreamOptions{Authenticated: &esdb.Credentials{Login: "auditor", Password: "s:ecret"}}, all)
			same(t, drain(t, stream, err), logged(t, s.Log))
		})
	}
}

func TestABearerTokenDecides(t *testing.T) {
	s := serve(t, esdbserver.Options{MayRead: auditor})
	write(t, s.Log, "post-1", some("post_published", 3)...)
	client := connect(t, s.URL)
	for header, code := range map[string]esdb.ErrorCode{
		"Bearer good.token":  0,
		"bearer  good.token": 0,
		"Bearer other.token": esdb.ErrorCodeAccessDenied,
		"Bearer stale.token": esdb.ErrorCodeUnauthenticated,
		"":                   esdb.ErrorCodeUnauthenticated,
		"Bearer ":            esdb.ErrorCodeUnauthenticated,
		"Basic !":            esdb.ErrorCodeUnauthenticated,
		"Basic Z29vZA==":     esdb.ErrorCodeUnauthenticated, // no password
		"Digest good.token":  esdb.ErrorCodeUnauthenticated,
	} {
		ctx := metadata.AppendToOutgoingContext(within(t), "authorization", header)
		stream, err := client.ReadAll(ctx, esdb.ReadAllOptions{}, all)
		if code == 0 {
			same(t, drain(t, stream, err), logged(t, s.Log))
		} else if _, err = stream.Recv(); !hasCode(err, code) {
			t.Errorf("reading with %q says %v", header, err)
		}
	}
}

// By the trailer the Node client tells who is denied from other failures.
func TestWhoIsDeniedIsToldAsARealServerDoes(t *testing.T) {
	s := serve(t, esdbserver.Options{MayRead: auditor})
	connection := dial(t, s.URL)
	for _, call := range []func(...grpc.CallOption) error{
		func(o ...grpc.CallOption) error {
			stream, err := streams.NewStreamsClient(connection).Read(within(t), &streams.ReadReq{}, o...)
			if err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
		func(o ...grpc.CallOption) error {
			_, err := streams.NewStreamsClient(connection).Delete(within(t), &streams.DeleteReq{}, o...)
			return err
		},
		func(o ...grpc.CallOption) error { // of a service that is not there
			return connection.Invoke(within(t), "/event_store.client.users.Users/Create", &shared.Empty{}, &shared.Empty{}, o...)
		},
	} {
		var trailer metadata.MD
		err := call(grpc.Trailer(&trailer))
		if s := status.Convert(err); s.Code() != codes.PermissionDenied || s.Message() != "Access Denied" || len(trailer.Get("exception")) != 1 || trailer.Get("exception")[0] != "access-denied" {
			t.Errorf("it says %v with %v", err, trailer)
		}
	}
}

// P13: who lost the right to read hears nothing more, also where the call began
// while they had it.
func TestP13ASubscriptionEndsWithTheRightToRead(t *testing.T) {
	var lost atomic.Bool
	s := serve(t, esdbserver.Options{Recheck: 1, MayRead: func(context.Context, esdbserver.Credentials) esdbserver.Access {
		if lost.Load() {
			return esdbserver.Denied
		}
		return esdbserver.Reader
	}})
	client := connect(t, s.URL)
	sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	h := subscribed(t, sub, err)
	h.expectCaughtUp()
	write(t, s.Log, "post-1", some("post_published", 1)...)
	h.expect(logged(t, s.Log)...)
	lost.Store(true)
	write(t, s.Log, "post-1", some("post_published", 1)...)
	if e := h.sub.Recv(); e.SubscriptionDropped == nil || status.Code(e.SubscriptionDropped.Error) != codes.PermissionDenied {
		t.Errorf("it hears %v", said(e))
	}
}
