package esdbserver

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// version is the server's whose behaviour this one follows: the first with
// caught-up frames.
const version = "23.10.0"

type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
	appends bool
}

// GetSupportedMethods implements serverfeatures.ServerFeaturesServer. Names are
// in lower case, as the Go client compares them.
func (f featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	methods := []*serverfeatures.SupportedMethod{
		{ServiceName: "event_store.client.streams.streams", MethodName: "read", Features: []string{"stream", "all"}},
		{ServiceName: "event_store.client.gossip.gossip", MethodName: "read"},
		{ServiceName: "event_store.client.server_features.serverfeatures", MethodName: "getsupportedmethods"},
	}
	if f.appends {
		methods = append(methods, &serverfeatures.SupportedMethod{ServiceName: "event_store.client.streams.streams", MethodName: "append"})
	}
	return &serverfeatures.SupportedMethods{Methods: methods, EventStoreServerVersion: version}, nil
}

// instance tells this process from the one before it on the same address.
var instance = uuid.New()

type gossipService struct {
	gossip.UnimplementedGossipServer
}

// Read implements gossip.GossipServer: one node, the leader, where the client
// found it. Clients connect to what they read here, so it is the name by which
// they came, which is also the one on the certificate.
func (gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structured(instance),
		TimeStamp:    ticks(time.Now()),
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: foundAt(ctx),
	}}}, nil
}

func foundAt(ctx context.Context) *gossip.EndPoint {
	found := ""
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		if names := md.Get(":authority"); len(names) == 1 {
			found = names[0]
		}
	}
	if p, ok := peer.FromContext(ctx); ok && p.LocalAddr != nil {
		local, port, _ := net.SplitHostPort(p.LocalAddr.String())
		switch {
		case found == "":
			found = net.JoinHostPort(local, port)
		case portOf(found) == 0:
			found = net.JoinHostPort(found, port)
		}
	}
	// The clients put the two together with a colon, so brackets stay.
	host := found[:max(0, strings.LastIndexByte(found, ':'))]
	return &gossip.EndPoint{Address: host, Port: portOf(found)}
}

func portOf(address string) uint32 {
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.ParseUint(text, 10, 16)
	return uint32(port)
}
