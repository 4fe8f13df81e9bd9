package commands

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/person"
	"lobby.example/eventlog"
	"lobby.example/httpapi"
)

// call is one request at the edge: who sends it, when, and under which key. What
// a command needs beside its body comes from here and never from the body.
type call struct {
	httpapi.Caller
	operation string
	key       string
	at        time.Time
	unkeyed   uuid.UUID // stands in for the key where there is none
	made      uuid.UUID // the new entity
	named     bool      // its id does not derive from the command's
}

// Answer is what every command answers with.
type Answer struct {
	ID       *uuid.UUID `json:"id,omitempty" doc:"the id of what was made, where something was made"`
	Stream   string     `json:"stream" doc:"the stream that the command was about; for a channel, its id"`
	Revision int64      `json:"revision" doc:"the revision of the stream after the command; -1 while it has no event"`
	Position string     `json:"position" doc:"a read with after= this position sees what the command did"`
	Events   int        `json:"events" doc:"how many events were written; 0 when there was nothing to do"`
}

// output is the answer as HTTP.
type output struct {
	Position string `header:"Lobby-Position" doc:"the position, as in the body"`
	Body     Answer
}

// commandIDs is the namespace of command ids, and so of everything that derives
// from them.
var commandIDs = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/command"))

// commandID is the id of the command under the key, as of a moment. A key is
// remembered for a day and new afterwards, so the day is part of the id:
// otherwise a key used again next week would make the same message once more.
func (c *call) commandID(stream string, at time.Time) uuid.UUID {
	if c.key == "" {
		return c.unkeyed
	}
	name := c.Person.String() + "\x00" + c.operation + "\x00" + stream + "\x00" + strconv.FormatInt(dayOf(at), 10) + "\x00" + c.key
	return uuid.NewSHA1(commandIDs, []byte(name))
}

// earlierIDs are those that a request under this key can have had up to a day
// ago, or in a process whose clock is a little ahead, beside today's.
func (c *call) earlierIDs(stream string) []uuid.UUID {
	if c.key == "" {
		return nil
	}
	ids := []uuid.UUID{c.commandID(stream, c.at.Add(-window))}
	if ahead := c.at.Add(5 * time.Minute); dayOf(ahead) != dayOf(c.at) {
		ids = append(ids, c.commandID(stream, ahead))
	}
	return ids
}

func dayOf(t time.Time) int64 { return t.Unix() / int64(window/time.Second) }

// newID is the id of the one new thing that a command on the stream makes.
func (c *call) newID(stream string) uuid.UUID {
	c.made = entityID(c.commandID(stream, c.at))
	return c.made
}

func entityID(command uuid.UUID) uuid.UUID { return uuid.NewSHA1(command, []byte("new")) }

// newStream is the id of what a command begins a stream of the category for. A
// retry gets the same one, also after midnight, when the id of its command is
// another: what was begun under that in the last day is what it means.
func (s *Service) newStream(ctx context.Context, c *call, category string) (uuid.UUID, error) {
	c.named = true
	c.made = entityID(c.commandID(category, c.at))
	for _, earlier := range c.earlierIDs(category) {
		id := entityID(earlier)
		begun, err := s.begun(ctx, domain.StreamOf(category, id))
		if err != nil {
			return uuid.Nil, err
		}
		if !begun.IsZero() && c.at.Sub(begun) <= window {
			c.made = id
		}
	}
	return c.made, nil
}

// begun is when the first event of a stream was written; the zero time where
// there is none.
func (s *Service) begun(ctx context.Context, stream string) (time.Time, error) {
	for r, err := range s.log.ReadStream(ctx, stream, 0, eventlog.Forward, 1) {
		if err != nil {
			return time.Time{}, err
		}
		return domain.OccurredAt(r.Metadata)
	}
	return time.Time{}, nil
}

// today is the day of the call.
func (c *call) today() domain.Date { return domain.DateOf(c.at) }

// platformOnly refuses everybody but the platform.
func (c *call) platformOnly() error {
	if !c.Platform {
		return domain.Refuse(domain.Forbidden, "platform_only", "Only the platform does this.")
	}
	return nil
}

// self refuses everybody but the person and the platform.
func (c *call) self(person uuid.UUID) error {
	if c.Person != person && !c.Platform {
		return domain.Refuse(domain.NotFound, "person_not_found", "There is no such person.")
	}
	return nil
}

// landlord is who acts as the landlord: the caller, or whom the platform names.
func (c *call) landlord(named *uuid.UUID) (uuid.UUID, error) {
	if named == nil {
		return c.Person, nil
	}
	if !c.Platform {
		return uuid.Nil, domain.Bad("landlord", "platform_only", "Only the platform names a landlord to act for.")
	}
	return *named, nil
}

// landlordOf is landlord for a name that came in the query.
func (c *call) landlordOf(named string) (uuid.UUID, error) {
	if named == "" {
		return c.landlord(nil)
	}
	id, err := uuid.Parse(named)
	if err != nil {
		return uuid.Nil, domain.Bad("landlord", "not_an_id", "This is not an id.")
	}
	return c.landlord(&id)
}

// keyed is what every command's input has: the key under which it may be repeated.
type keyed interface{ idempotencyKey() string }

// route adds the route of one command: bind turns the input into a command with
// everything that the caller may not choose taken from the call. It refuses with
// an error; where it gives the command as well, a retry is recognised first.
func route[I any, P interface {
	*I
	keyed
}](s *Service, api *httpapi.API, operation huma.Operation, bind func(context.Context, *call, *I) (Execution, error)) {
	httpapi.Register(api, operation, func(ctx context.Context, in *I) (*output, error) {
		c := &call{Caller: httpapi.CallerOf(ctx), operation: operation.OperationID, key: P(in).idempotencyKey(), at: s.now()}
		if c.key == "" {
			c.unkeyed = uuid.New()
		}
		if err := s.admit(ctx, c.Caller); err != nil {
			return nil, err
		}
		command, refused := bind(ctx, c, in)
		if command == nil {
			return nil, answerable(refused)
		}
		request := Request{
			Command: c.commandID(command.Stream(), c.at),
			Keyed:   c.key != "",
			Earlier: c.earlierIDs(command.Stream()),
			Actor:   c.Person,
			At:      c.at,
		}
		var err error
		if request.Keyed {
			if request.Content, err = contentOf(in); err != nil {
				return nil, err
			}
		}
		if refused != nil { // what other streams say now; a retry is answered as they said then
			earlier, ok, err := command.Remembered(ctx, request)
			if ok {
				return c.answer(earlier), nil
			}
			return nil, answerable(errors.Join(err, refused))
		}
		result, err := command.Run(ctx, request)
		if err != nil {
			return nil, answerable(err)
		}
		return c.answer(result), nil
	})
}

func (c *call) answer(r Result) *output {
	out := &output{Position: r.Position.String(), Body: Answer{Stream: r.Stream, Revision: int64(r.Revision), Position: r.Position.String(), Events: r.Events}}
	if c.made != uuid.Nil {
		id := c.made
		if !c.named {
			id = entityID(r.Command)
		}
		out.Body.ID = &id
	}
	return out
}

// contentOf is a hash of all that a request asks for.
func contentOf(in any) (string, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// admit refuses callers that are nobody, or nobody any more. The platform need
// not be a person.
func (s *Service) admit(ctx context.Context, caller httpapi.Caller) error {
	if caller.Platform {
		return nil
	}
	return answerable(s.people.Look(ctx, person.Stream(caller.Person), func(p person.State) error {
		if !p.Active() {
			return httpapi.UnknownCaller()
		}
		return nil
	}))
}

// answerable says what a caller can do about an error that is no refusal.
func answerable(err error) error {
	if errors.Is(err, eventlog.ErrClosed) {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "unavailable", "The server is shutting down; send the same request again.").RetryAfter(time.Second)
	}
	if lacksRoom(err) {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "no_room", "The server has no room for this; send the same request again later.").RetryAfter(roomLater)
	}
	if errors.Is(err, ErrBusy) {
		return httpapi.NewProblem(http.StatusServiceUnavailable, "busy", "The stream kept changing; send the same request again.").RetryAfter(time.Second)
	}
	return err
}
