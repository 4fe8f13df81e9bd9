package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
)

// filesAtOnce are the numbers of clients that upload and download.
var filesAtOnce = []int{1, 8}

// files measures uploads and downloads, and what they add to the memory of a
// server: nothing may grow with the size of a file.
func (r *run) files() error {
	for round := range r.Rounds {
		r.say("round %d of %d: files", round+1, r.Rounds)
		if err := r.filesRound(); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) filesRound() (err error) {
	p := &population{people: 2, channels: []*channel{conversation(0, 1, 10, 0, 10, r.Seed.Text)}}
	at, server, err := r.seeded(p.streams()...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, p.people)
	if err != nil {
		return err
	}
	f := filer{server: server, channel: p.channels[0].name(), from: tokens[0], to: tokens[1], content: make([]byte, r.Seed.File), prefix: uuid.NewString() + "-"}
	rand.NewChaCha8([32]byte{}).Read(f.content)
	disk, err := r.diskOfFiles(f.content)
	if err != nil {
		return err
	}
	// A small file first, after which a server has all that it needs for any.
	small := f
	small.content = f.content[:min(len(f.content), 64<<10)]
	id, err := small.attached()
	if err != nil {
		return err
	}
	if err := small.download(newClient(server.base), id)(); err != nil {
		return err
	}
	idle, idleErr := memory(server.pid(), "VmRSS")
	if id, err = f.attached(); err != nil {
		return err
	}
	for _, clients := range filesAtOnce {
		for _, name := range []string{"upload", "download"} {
			var operations []operation
			for range clients {
				c := newClient(server.base)
				defer c.close()
				if name == "upload" {
					operations = append(operations, f.upload(c, func(string) {}))
				} else {
					operations = append(operations, f.download(c, id))
				}
			}
			s := step{name: name, server: server, operations: operations}
			m, err := r.watch(s, r.Duration)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			row := r.report.row(name, clients)
			row.load(m)
			rate := m.rate() * float64(len(f.content)) / 1e6
			row.add("bytes", "MB/s", rate)
			if name == "upload" {
				row.add("of the disk's", "x", rate/disk)
			}
			if m.known && idleErr == nil {
				row.add("memory over idle", "MiB", mebibytes(m.peak-idle))
			}
			if err := r.profile(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// diskOfFiles measures what bounds an upload: writing as many bytes to a file and
// an fdatasync, in MB/s.
func (r *run) diskOfFiles(content []byte) (float64, error) {
	path := filepath.Join(r.root, "file")
	defer os.Remove(path)
	began, n := time.Now(), 0
	for ; n == 0 || time.Since(began) < r.Duration/4; n++ {
		f, err := os.Create(path)
		if err != nil {
			return 0, err
		}
		_, err = f.Write(content)
		if err == nil {
			err = dataSync(f)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return 0, err
		}
	}
	rate := float64(n) * float64(len(content)) / time.Since(began).Seconds() / 1e6
	r.report.row("disk of files", 0).add("bytes", "MB/s", rate)
	return rate, nil
}

// filer uploads a file as one of two people who write with each other, and
// downloads it as the other.
type filer struct {
	server            *child
	channel, from, to string
	content           []byte
	prefix            string // of the idempotency keys
}

func (f filer) upload(c *client, uploaded func(id string)) operation {
	q := c.request(http.MethodPost, "/v1/attachments?name=plan.bin", f.from, f.content).with("Content-Type", "application/octet-stream")
	prefix, n := uuid.NewString()+"-", 0
	return func() error {
		n++
		_, answer, err := q.keyed(prefix, n).send(http.StatusCreated)
		if err != nil {
			return err
		}
		id, err := sentID(answer)
		uploaded(id)
		return err
	}
}

// attached uploads a file and sends it to the other.
func (f filer) attached() (id string, err error) {
	c := newClient(f.server.base)
	defer c.close()
	if err := f.upload(c, func(uploaded string) { id = uploaded })(); err != nil {
		return "", err
	}
	body := encoded(map[string]any{"text": "The plan", "attachments": []string{id}})
	_, _, err = c.request(http.MethodPost, "/v1/channels/"+f.channel+"/messages", f.from, body).keyed(f.prefix, len(f.content)).send(http.StatusCreated)
	return id, err
}

func (f filer) download(c *client, id string) operation {
	q := c.get("/v1/attachments/"+id, f.to)
	part := make([]byte, 128<<10)
	return func() error {
		response, err := c.transport.RoundTrip(q.http)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		left := f.content
		for response.StatusCode == http.StatusOK {
			n, err := response.Body.Read(part)
			if !bytes.HasPrefix(left, part[:n]) {
				return errors.New("not the file that was uploaded")
			}
			left = left[n:]
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		if len(left) > 0 {
			return fmt.Errorf("GET %s: %s, and %d bytes too few", q.http.URL.Path, response.Status, len(left))
		}
		return nil
	}
}
