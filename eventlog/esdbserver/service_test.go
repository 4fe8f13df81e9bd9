package esdbserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// dial speaks the protocol without a client of EventStoreDB.
func dial(t testing.TB, url string) *grpc.ClientConn {
	t.Helper()
	address := strings.TrimSuffix(strings.TrimPrefix(url, "esdb://"), "?tls=false")
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := connection.Close(); err != nil {
			t.Error(err)
		}
	})
	return connection
}

// rawRead reads the frames of one call of Streams.Read.
func rawRead(t testing.TB, url string, options *streams.ReadReq_Options) (frames []*streams.ReadResp, err error) {
	t.Helper()
	stream, err := streams.NewStreamsClient(dial(t, url)).Read(within(t), &streams.ReadReq{Options: options})
	for err == nil {
		var frame *streams.ReadResp
		if frame, err = stream.Recv(); err == nil {
			frames = append(frames, frame)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return frames, err
}

func TestWhatIsNotSupportedIsRefusedByName(t *testing.T) {
	s := readOnly(t)
	write(t, s.Log, "post-1", some("post_published", 1)...)
	client := connect(t, s.URL)
	projections := esdb.NewProjectionClientFromExistingClient(client)
	for name, call := range map[string]func(context.Context) error{
		"Streams.Delete": func(ctx context.Context) error {
			_, err := client.DeleteStream(ctx, "post-1", esdb.DeleteStreamOptions{})
			return err
		},
		"Streams.Tombstone": func(ctx context.Context) error {
			_, err := client.TombstoneStream(ctx, "post-1", esdb.TombstoneStreamOptions{})
			return err
		},
		"Streams.Append": func(ctx context.Context) error {
			_, err := client.SetStreamMetadata(ctx, "post-1", esdb.AppendToStreamOptions{}, esdb.StreamMetadata{})
			return err
		},
		"The metadata stream $$post-1": func(ctx context.Context) error {
			_, err := client.GetStreamMetadata(ctx, "post-1", esdb.ReadStreamOptions{})
			return err
		},
		"PersistentSubscriptions.Create": func(ctx context.Context) error {
			return client.CreatePersistentSubscription(ctx, "post-1", "group", esdb.PersistentStreamSubscriptionOptions{})
		},
		"PersistentSubscriptions.Read": func(ctx context.Context) error {
			_, err := client.SubscribeToPersistentSubscription(ctx, "post-1", "group", esdb.SubscribeToPersistentSubscriptionOptions{})
			return err
		},
		"Projections.Create": func(ctx context.Context) error {
			return projections.Create(ctx, "p", "fromAll()", esdb.CreateProjectionOptions{})
		},
		"Streams.BatchAppend": func(ctx context.Context) error {
			call, err := streams.NewStreamsClient(dial(t, s.URL)).BatchAppend(ctx)
			if err == nil {
				_, err = call.Recv()
			}
			return err
		},
		"Users.Create": func(ctx context.Context) error {
			return dial(t, s.URL).Invoke(ctx, "/event_store.client.users.Users/Create", &shared.Empty{}, &shared.Empty{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := call(within(t))
			if grpcCode(err) != "Unimplemented" || !strings.Contains(err.Error(), name+" is not supported") {
				t.Errorf("it says %v", err)
			}
		})
	}
	if n := len(logged(t, s.Log)); n != 1 {
		t.Errorf("the log has %d events now", n)
	}
}

func TestServerFeaturesNameWhatIsThere(t *testing.T) {
	for _, appends := range []bool{false, true} {
		s := readOnly(t)
		if appends {
			s = esdbtest.Start(t)
		}
		got, err := serverfeatures.NewServerFeaturesClient(dial(t, s.URL)).GetSupportedMethods(within(t), &shared.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range got.GetMethods() {
			names = append(names, m.GetServiceName()+"/"+m.GetMethodName())
		}
		want := "event_store.client.streams.streams/read event_store.client.gossip.gossip/read event_store.client.server_features.serverfeatures/getsupportedmethods"
		if appends {
			want += " event_store.client.streams.streams/append"
		}
		if strings.Join(names, " ") != want {
			t.Errorf("the methods are %v", names)
		}
		version, err := connect(t, s.URL).GetServerVersion()
		if err != nil || version.Major != 23 || version.Minor != 10 {
			t.Errorf("the version is %+v, %v", version, err)
		}
	}
}

// The client goes to where Gossip says that the node is.
func TestGossipNamesTheNodeWhereItWasFound(t *testing.T) {
	s, want := sample(t)
	port := strings.TrimSuffix(s.URL[strings.LastIndex(s.URL, ":")+1:], "?tls=false")
	members, err := gossip.NewGossipClient(dial(t, "esdb://localhost:"+port)).Read(within(t), &shared.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if m := members.GetMembers(); len(m) != 1 || m[0].GetState() != gossip.MemberInfo_Leader || !m[0].GetIsAlive() ||
		m[0].GetHttpEndPoint().GetAddress() != "localhost" || strconv.Itoa(int(m[0].GetHttpEndPoint().GetPort())) != port {
		t.Errorf("gossip is %v", members)
	}
	client := connect(t, "esdb+discover://localhost:"+port+"?tls=false&nodePreference=leader")
	stream, err := client.ReadAll(within(t), esdb.ReadAllOptions{}, all)
	same(t, drain(t, stream, err), want)
}

func TestItListensInTheClearOnLoopbackOnly(t *testing.T) {
	s := esdbtest.Start(t)
	server, err := esdbserver.New(s.Log, esdbserver.Options{MayRead: esdbserver.Anyone})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(l); !errors.Is(err, esdbserver.ErrInTheClear) {
		t.Errorf("serving on %v says %v", l.Addr(), err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener was left open: %v", err)
	}
}

func TestNobodyReadsByDefault(t *testing.T) {
	if _, err := esdbserver.New(esdbtest.Start(t).Log, esdbserver.Options{}); err == nil {
		t.Error("a server was made that asks nobody who may read")
	}
}
