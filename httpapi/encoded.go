package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Encoded is a body that is JSON already, described in the OpenAPI document as a
// B: a read that answers from memory need not encode again what it encoded
// before. No bytes are no body, as a 304 has none.
type Encoded[B any] struct{ JSON []byte }

// Schema describes a B.
func (Encoded[B]) Schema(schemas huma.Registry) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[B](), true, reflect.TypeFor[B]().Name())
}

func (e Encoded[B]) encoded() []byte { return e.JSON }
