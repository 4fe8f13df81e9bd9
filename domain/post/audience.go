package post

import (
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Category is what a post is about.
type Category string

const (
	Job          Category = "job"
	ForSale      Category = "for_sale"
	Wanted       Category = "wanted"
	LostAndFound Category = "lost_and_found"
	Notice       Category = "notice"
	Announcement Category = "announcement"
)

// Categories is all there are.
var Categories = []Category{Job, ForSale, Wanted, LostAndFound, Notice, Announcement}

// MaxProperties bounds the properties that an audience names.
const MaxProperties = 100

// Audience is whom a post is addressed to: all tenants of the landlord, or those
// of some properties.
type Audience struct {
	All        bool        `json:"all,omitempty"`
	Properties []uuid.UUID `json:"properties,omitempty"`
}

// Covers reports whether the post is addressed to somebody who has these
// properties of the landlord. Who has none is nobody's tenant, so not even a post
// to all is.
func (a Audience) Covers(properties []uuid.UUID) bool {
	if a.All {
		return len(properties) > 0
	}
	return slices.ContainsFunc(properties, func(p uuid.UUID) bool { return slices.Contains(a.Properties, p) })
}

// check is rule 3.
func (a Audience) check() error {
	const field = "audience.properties"
	switch {
	case a.All && len(a.Properties) > 0:
		return domain.Bad("audience", "ambiguous_audience", "A post is for all tenants or for named properties, not both.")
	case a.All:
		return nil
	case len(a.Properties) == 0 || slices.Contains(a.Properties, uuid.Nil):
		return domain.Bad(field, "no_property", "Name the properties that the post is for, or say that it is for all.")
	case len(a.Properties) > MaxProperties:
		return domain.Bad(field, "too_many_properties", "A post names at most 100 properties. It can be for all instead.")
	}
	for i, p := range a.Properties {
		if slices.Contains(a.Properties[:i], p) {
			return domain.Bad(field, "property_twice", "A property is named twice.")
		}
	}
	return nil
}
