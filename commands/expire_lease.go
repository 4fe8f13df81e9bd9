package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
)

// System is the actor of what happens by itself.
var System = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/system"))

// ExpireLease puts on the record that the last day of a lease has passed. It may
// be asked for as often as one likes: the command's id derives from the lease,
// and a lease that has ended is left alone.
func (s *Service) ExpireLease(ctx context.Context, connectionID, lease uuid.UUID, now time.Time) error {
	_, err := s.connections.Execute(ctx, connection.EndLease{
		Connection: connectionID,
		Lease:      lease,
		Expired:    true,
		Today:      domain.DateOf(now),
	}, Request{Command: uuid.NewSHA1(lease, []byte("expired")), Actor: System, At: now})
	return err
}
