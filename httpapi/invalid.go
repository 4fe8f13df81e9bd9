package httpapi

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// huma makes its errors through package variables. They are set here, before
// any goroutine can read them, and nowhere else.
func init() {
	huma.NewError = fromHuma
	// Otherwise "TEXT" passes validation as "text" without being looked at.
	huma.ValidateStrictCasing = true
	// A list is a list: null in its place is refused, and never answered.
	huma.DefaultArrayNullable = false
}

const (
	maxFieldErrors = 20  // named in one problem: a body can have thousands
	maxFieldName   = 100 // bytes of a name that the client chose
)

// fromHuma turns what huma says of a request into a problem. Nothing of the
// request is repeated but the names of fields.
func fromHuma(status int, message string, errs ...error) huma.StatusError {
	for _, err := range errs {
		// A body over its limit, or what a resolver returned.
		if problem := ProblemOf(err); problem != nil {
			return problem
		}
	}
	switch {
	case message == "request body is required":
		return NewProblem(http.StatusBadRequest, "body_required", "the request has no body")
	case message == "cannot read request body":
		return NewProblem(http.StatusBadRequest, "unreadable_body", "the body did not arrive as announced")
	case message == "request body read timeout":
		return NewProblem(status, "body_timeout", "the body took too long to arrive")
	case status == http.StatusUnsupportedMediaType:
		return NewProblem(status, "unsupported_media_type", "this operation takes application/json")
	case message == "validation failed":
		return invalid(status, errs)
	}
	return NewProblem(status, codeOfStatus(status), message)
}

// invalid lists the fields that failed validation.
func invalid(status int, errs []error) *Problem {
	problem := NewProblem(status, "invalid_parameter", "")
	for _, err := range errs {
		e := fieldError(err)
		if e.In == "body" {
			problem.Code = "invalid_request"
		}
		if status == http.StatusBadRequest && e.In == "body" {
			return NewProblem(status, "malformed_json", e.Message)
		}
		if len(problem.Errors) < maxFieldErrors {
			problem.Errors = append(problem.Errors, e)
		}
	}
	if len(problem.Errors) > 0 {
		first := problem.Errors[0]
		problem.Detail = strings.TrimPrefix(first.Field+": "+first.Message, ": ")
	}
	return problem
}

// faults are the messages of huma's validation by their beginning, and the code
// of each. The order matters where one begins as another does.
var faults = []struct{ message, code string }{
	{"unexpected property", "unknown_field"},
	{"unknown query parameter", "unknown_parameter"},
	{"required ", "required"},
	{requiredMessage, "required"},
	{wrongTypeMessage, "wrong_type"},
	{"expected string to be one of", "not_allowed"},
	{"expected string to ", "wrong_format"},
	{"expected duration", "wrong_format"},
	{"invalid value", "wrong_format"},
	{"invalid date/time", "wrong_format"},
	{"invalid ", "wrong_type"},
	{"expected value to be one of", "not_allowed"},
	{"expected number ", "out_of_range"},
	{"expected length >= ", "too_short"},
	{"expected length <= ", "too_long"},
	{"expected array length >= ", "too_few"},
	{"expected array length <= ", "too_many"},
	{"expected array items to be unique", "repeated"},
	{"expected string", "wrong_type"},
	{"expected boolean", "wrong_type"},
	{"expected number", "wrong_type"},
	{"expected integer", "wrong_type"},
	{"expected array", "wrong_type"},
	{"expected object", "wrong_type"},
}

const requiredMessage = "expected required property "

// fieldError reads one error of huma's validation.
func fieldError(err error) FieldError {
	detailer, ok := err.(huma.ErrorDetailer)
	if !ok {
		return FieldError{Code: "invalid", Message: err.Error()}
	}
	detail := detailer.ErrorDetail()
	in, field, _ := strings.Cut(detail.Location, ".")
	if root, index, found := strings.Cut(in, "["); found { // a body that is a list
		in, field = root, strings.TrimPrefix("["+index+"."+field, ".")
	}
	e := FieldError{In: in, Field: field, Code: "invalid", Message: detail.Message}
	for _, fault := range faults {
		if strings.HasPrefix(detail.Message, fault.message) {
			e.Code = fault.code
			break
		}
	}
	if name, found := strings.CutPrefix(e.Message, requiredMessage); found {
		// The location is that of the object which lacks it.
		name = strings.TrimSuffix(name, " to be present")
		e.Field = strings.TrimPrefix(field+"."+name, ".")
		e.Message = "required and not there"
	}
	if name, found := strings.CutPrefix(e.Message, wrongTypeMessage); found {
		e.Field, e.Message = name, "a value of another type is expected"
	}
	if e.Code == "wrong_format" {
		// What follows the colon may quote the value.
		e.Message, _, _ = strings.Cut(e.Message, ": ")
	}
	e.Field = shorten(e.Field)
	return e
}

// shorten bounds a name that the client chose, at the end of a character.
func shorten(name string) string {
	if len(name) <= maxFieldName {
		return name
	}
	end := maxFieldName
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end]
}

// codeOfStatus turns 503 into "service_unavailable".
func codeOfStatus(status int) string {
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
}
