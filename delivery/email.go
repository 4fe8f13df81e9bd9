package delivery

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/delivery/mail"
	"lobby.example/delivery/queue"
)

// email sends the copy of one message, if there still is a reason to. That a copy
// was mailed is no event: it does not count as seen.
func (d *Delivery) email(ctx context.Context, item queue.Item) (outcome, error) {
	if d.Mail == nil {
		return "dropped_no_mail", nil
	}
	if d.Now().Sub(item.Time) > CopyLapse {
		return "dropped_old", nil
	}
	letter, reason, err := d.letter(ctx, item)
	if reason != "" || err != nil {
		return reason, err
	}
	if err := d.Mail.Send(ctx, letter); err != nil {
		return "", err
	}
	return sent, nil
}

// letter writes the copy, or says why there is to be none.
func (d *Delivery) letter(ctx context.Context, item queue.Item) (mail.Letter, outcome, error) {
	message, err := d.standing(ctx, item)
	if err != nil {
		return mail.Letter{}, "", err
	}
	to, err := d.person(ctx, message.To)
	if err != nil {
		return mail.Letter{}, "", err
	}
	switch {
	case message.deleted:
		return mail.Letter{}, "dropped_deleted", nil
	case !message.connected:
		return mail.Letter{}, "dropped_disconnected", nil
	case !to.Active():
		return mail.Letter{}, "dropped_deactivated", nil
	case to.Preferences.NoEmailCopies:
		return mail.Letter{}, "dropped_opted_out", nil
	case to.Profile.Email == "":
		return mail.Letter{}, "dropped_no_address", nil
	}
	from, err := d.person(ctx, message.From)
	if err != nil {
		return mail.Letter{}, "", err
	}
	letter := mail.Letter{
		ID:          item.ID.String(),
		To:          to.Profile.Email,
		SenderName:  from.Profile.Name,
		Text:        message.Text,
		Time:        item.Time,
		Unsubscribe: d.PublicURL + "/unsubscribe/" + d.Unsubscribe.Token(message.To),
		Correlation: item.Correlation,
	}
	letter.Files, err = d.files(ctx, message.Attachments)
	return letter, "", err
}

// files are named and linked to, never sent along: who may have them is decided
// anew whenever one is asked for.
func (d *Delivery) files(ctx context.Context, ids []uuid.UUID) ([]mail.File, error) {
	var files []mail.File
	for _, id := range ids {
		file, err := d.file(ctx, id)
		if err != nil {
			return nil, err
		}
		if file.There() {
			files = append(files, mail.File{Name: file.File.Name, Size: file.File.Size, Link: d.PublicURL + "/v1/attachments/" + id.String()})
		}
	}
	return files, nil
}
