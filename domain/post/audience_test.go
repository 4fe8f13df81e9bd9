package post

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
)

func TestRule3_AnAudienceIsAllOrSomeProperties(t *testing.T) {
	var many []string
	for i := range MaxProperties + 1 {
		many = append(many, fmt.Sprint("property ", i))
	}
	for name, a := range map[string]Audience{
		"all":            {All: true},
		"one property":   {Properties: ids("flat")},
		"100 properties": {Properties: ids(many[:MaxProperties]...)},
	} {
		t.Run(name, func(t *testing.T) {
			c := publish
			c.Audience = a
			given(t).When(c).Then(publishedBy(c))
		})
	}
	for name, c := range map[string]struct {
		audience    Audience
		code, field string
	}{
		"nobody":                  {Audience{}, "no_property", "audience.properties"},
		"a property that is none": {Audience{Properties: []uuid.UUID{flat, {}}}, "no_property", "audience.properties"},
		"101 properties":          {Audience{Properties: ids(many...)}, "too_many_properties", "audience.properties"},
		"a property twice":        {Audience{Properties: []uuid.UUID{flat, attic, flat}}, "property_twice", "audience.properties"},
		"all and some":            {Audience{All: true, Properties: []uuid.UUID{flat}}, "ambiguous_audience", "audience"},
	} {
		t.Run(name, func(t *testing.T) {
			p := publish
			p.Audience = c.audience
			if r := given(t).When(p).Refused(domain.Invalid, c.code); r.Field != c.field {
				t.Errorf("field %q", r.Field)
			}
		})
	}
}

func TestRule4_AnAudienceCoversWhoHasAPropertyOfIt(t *testing.T) {
	all, some := Audience{All: true}, Audience{Properties: []uuid.UUID{flat, attic}}
	for _, c := range []struct {
		properties []uuid.UUID
		all, some  bool
	}{
		{nil, false, false},
		{[]uuid.UUID{flat}, true, true},
		{[]uuid.UUID{garage}, true, false},
		{[]uuid.UUID{garage, attic}, true, true},
	} {
		if all.Covers(c.properties) != c.all || some.Covers(c.properties) != c.some {
			t.Errorf("%v: all %t, some %t", c.properties, !c.all, !c.some)
		}
		if (Audience{}).Covers(c.properties) {
			t.Errorf("an audience of nobody covers %v", c.properties)
		}
	}
}
