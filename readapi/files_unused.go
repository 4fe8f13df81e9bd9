package readapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

// FilesUnused finds at most 100 files after one that no entry has, for the sweep
// that removes them: uploaded before a time and bound to nothing, or to an entry
// that is not there. Whether it is to be removed, the streams have to say.
func FilesUnused(ctx context.Context, model Model, after uuid.UUID, before time.Time) (files []uuid.UUID, err error) {
	_, err = model.View(ctx, func(q readmodel.Query) error {
		return q.Rows(ctx, `
			select a.attachment from attachments a
			where a.removed = false and a.uploaded_at < $1 and a.attachment > $2
				and not exists (select 1 from posts p where p.post = a.channel and p.entry = a.entry)
				and not exists (select 1 from messages_by_key m where m.channel = a.channel and m.entry = a.entry)
			order by a.attachment limit 100`,
			func(scan func(...any) error) error {
				var file uuid.UUID
				err := scan(&file)
				files = append(files, file)
				return err
			}, before, after)
	})
	return files, err
}
