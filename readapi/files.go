package readapi

import "lobby.example/readmodel"

// File is what is attached to an entry.
type File struct {
	Attachment string `json:"attachment" doc:"its id"`
	Name       string `json:"name" doc:"as the uploader named it"`
	Type       string `json:"type" doc:"media type, as its bytes say"`
	Size       int64  `json:"size" doc:"bytes"`
}

// files lists the n files of an entry that the person may see: who asks has shown
// the entry already.
func (v *view) files(channel, entry string, n int) ([]File, error) {
	files := []File{}
	if n == 0 {
		return files, nil
	}
	err := v.rows(func(scan func(...any) error) error {
		var f File
		err := scan(&f.Attachment, &f.Name, &f.Type, &f.Size)
		files = append(files, f)
		return err
	}, `select attachment, name, type, size from attachments where channel = $1 and entry = $2 and removed = false
		order by uploaded_at, attachment`, readmodel.ID(channel), readmodel.ID(entry))
	return files, err
}
