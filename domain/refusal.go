package domain

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Reason is the family a refusal belongs to; one table maps it to a status of HTTP.
type Reason int

const (
	Invalid   Reason = iota + 1 // the command makes no sense, whoever sends it
	Forbidden                   // the caller may see the thing, but not do this
	NotFound                    // there is no such thing, or none that the caller may see
	Conflict                    // the thing is in a state that does not allow it
)

// Refusal is the one error of the business. Code is stable and made for
// programs; Message is one sentence for a person.
type Refusal struct {
	Reason  Reason
	Code    string
	Message string
	Field   string    // the field at fault, where there is one: "text", "start"
	Decided *Deciding // the event that decided against the command, where there is one
}

// Deciding points at the event in the log that made a refusal necessary, so that
// anyone who may read the log can check it.
type Deciding struct {
	Stream   string    `json:"stream" doc:"the stream of the event"`
	Revision int64     `json:"revision" doc:"its revision in the stream"`
	Time     time.Time `json:"time" doc:"when it happened, UTC"`
	By       uuid.UUID `json:"by" doc:"the person who caused it"`
}

func (r *Refusal) Error() string {
	if r.Field != "" {
		return fmt.Sprintf("%s: %s (%s)", r.Code, r.Message, r.Field)
	}
	return r.Code + ": " + r.Message
}

// Refuse makes a refusal without a field.
func Refuse(reason Reason, code, message string) *Refusal {
	return &Refusal{Reason: reason, Code: code, Message: message}
}

// Bad makes a refusal of a field's value.
func Bad(field, code, message string) *Refusal {
	return &Refusal{Reason: Invalid, Code: code, Message: message, Field: field}
}
