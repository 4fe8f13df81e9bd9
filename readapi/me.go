package readapi

type meIn struct{ Reading }

// Me is the caller, and their bubble.
type Me struct {
	Person      string      `json:"person"`
	Role        string      `json:"role" enum:"landlord,tenant,service_pro"`
	Name        string      `json:"name"`
	Email       string      `json:"email,omitempty"`
	Preferences Preferences `json:"preferences"`
	Unread      int         `json:"unread" doc:"the bubble: unread entries of all channels that are not muted"`
}

// Preferences are the caller's own choices.
type Preferences struct {
	EmailCopies          bool `json:"email_copies"`
	DesktopNotifications bool `json:"desktop_notifications"`
}

func me(v *view, _ *meIn) (*Me, error) {
	var noCopies, noNotifications bool
	m := Me{Person: v.person}
	_, err := v.one([]any{&m.Role, &m.Name, &m.Email, &noCopies, &noNotifications},
		`select role, name, email, no_email_copies, no_desktop_notifications from people where person = $1`, v.person)
	if err != nil {
		return nil, err
	}
	m.Preferences = Preferences{EmailCopies: !noCopies, DesktopNotifications: !noNotifications}
	_, err = v.one([]any{&m.Unread}, `
		select count(*) from unread u
		join inbox i on i.person = u.person and i.channel = u.channel
		join channels c on c.channel = u.channel
		where u.person = $1 and i.listed and c.open and not i.muted`, v.person)
	return &m, err
}
