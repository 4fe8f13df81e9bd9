package readapi

type meIn struct{ Reading }

// Me is the caller, and their bubble.
type Me struct {
	Person      string      `json:"person" doc:"the caller's id"`
	Role        string      `json:"role" enum:"landlord,tenant,service_pro" doc:"what the caller is, for good"`
	Name        string      `json:"name" doc:"as others see it"`
	Email       string      `json:"email,omitempty" doc:"where copies of messages go; shown to nobody else"`
	Preferences Preferences `json:"preferences" doc:"the caller's own choices"`
	Unread      int         `json:"unread" doc:"the bubble: unread entries of all channels that are not muted"`
}

// Preferences are the caller's own choices.
type Preferences struct {
	EmailCopies          bool `json:"email_copies" doc:"others may send copies of messages to the caller's email address"`
	DesktopNotifications bool `json:"desktop_notifications" doc:"new messages show as notifications of the desktop"`
}

func me(v *view, _ *meIn) (*Me, error) {
	var noCopies, noNotifications bool
	m := Me{Person: string(v.person)}
	_, err := v.one([]any{&m.Role, &m.Name, &m.Email, &noCopies, &noNotifications},
		`select role, name, email, no_email_copies, no_desktop_notifications from people where person = $1`, v.person)
	if err != nil {
		return nil, err
	}
	m.Preferences = Preferences{EmailCopies: !noCopies, DesktopNotifications: !noNotifications}
	// Channel by channel: a count within one is a walk along an index.
	_, err = v.one([]any{&m.Unread}, `
		select cast(coalesce(sum((select count(*) from unread u where u.person = i.person and u.channel = i.channel)), 0) as bigint)
		from inbox i join channels c on c.channel = i.channel
		where i.person = $1 and i.listed = true and c.open and not i.muted`, v.person)
	return &m, err
}
