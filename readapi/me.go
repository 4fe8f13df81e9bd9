package readapi

import "encoding/json"

type meIn struct{ Reading }

// Me is the caller, and their bubble.
type Me struct {
	Person      string      `json:"person" doc:"the caller's id"`
	Role        string      `json:"role" enum:"landlord,tenant,service_pro" doc:"what the caller is, for good"`
	Name        string      `json:"name" doc:"as others see it"`
	Email       string      `json:"email,omitempty" doc:"where copies of messages go; shown to nobody else"`
	Preferences Preferences `json:"preferences" doc:"the caller's own choices"`
	Unread      int         `json:"unread" doc:"the bubble: unread entries of all channels that are not muted"`
	Sections    []Section   `json:"sections" doc:"the sections of the inbox, each from its first channel on"`
}

// Preferences are the caller's own choices.
type Preferences struct {
	EmailCopies          bool `json:"email_copies" doc:"others may send copies of messages to the caller's email address"`
	DesktopNotifications bool `json:"desktop_notifications" doc:"new messages show as notifications of the desktop"`
}

// Section is one of the three parts of an inbox.
type Section struct {
	Section string `json:"section" enum:"messages,board,maintenance" doc:"which"`
	Unread  int    `json:"unread" doc:"unread entries of its channels that are not muted"`
}

func me(v *view, _ *meIn) (*Me, error) {
	var noCopies, noNotifications bool
	m := Me{Person: string(v.person)}
	v.first(func(scan func(...any) error) error {
		return scan(&m.Role, &m.Name, &m.Email, &noCopies, &noNotifications)
	}, `select role, name, email, no_email_copies, no_desktop_notifications from people where person = $1`, v.person)
	sections, err := v.sections()
	if err != nil {
		return nil, err
	}
	m.Preferences = Preferences{EmailCopies: !noCopies, DesktopNotifications: !noNotifications}
	m.Sections = sections
	for _, s := range m.Sections {
		m.Unread += s.Unread
	}
	return &m, nil
}

// sections are those that the person has, messages first, and settle what was put
// ahead of them. Whoever opens the app asks for them twice, with Me and with Inbox, so
// they are kept like an answer.
func (v *view) sections() ([]Section, error) {
	key := string(v.person) + string(v.today) + " sections"
	if kept := v.part(key); kept != nil {
		v.tags = append(v.tags, kept.tags...)
		sections := []Section{}
		if err := json.Unmarshal(kept.body, &sections); err != nil {
			return nil, err
		}
		return sections, v.settle()
	}
	before := len(v.tags)
	v.dependsOnBoards()
	sections, err := v.countSections()
	if err != nil {
		return nil, err
	}
	made := &answer{commit: v.commit, tags: append([]string{string(v.person)}, v.tags[before:]...)}
	if made.body, err = encode(sections); err == nil {
		v.made = append(v.made, part{key, made})
	}
	return sections, err
}
