package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lobby.example/domain/post"
)

// boardRows is how many rows a page of a board has that is asked for.
const boardRows = 25

// page is what is asked of a board, and what every post in the answer has to have.
type page struct {
	query    url.Values
	category string
	words    []string
	rows     int // at least
}

// pages are what tenants ask of a board, each one of them: the first page, seldom
// of one category; or a search, for words that stand in many posts or in few.
func pages(name string, b *board) (all []page) {
	limit := strconv.Itoa(boardRows)
	if name == "board" {
		first := page{query: url.Values{"limit": {limit}}, rows: boardRows}
		of := page{query: url.Values{"limit": {limit}, "category": {string(post.Job)}}, category: string(post.Job), rows: min(boardRows, b.posts/10)}
		return []page{first, first, first, of}
	}
	for _, words := range [][]string{{word(5)}, {word(40)}, {word(600)}, {word(20), word(90)}} {
		all = append(all, page{query: url.Values{"limit": {limit}, "text": {strings.Join(words, " ")}}, words: words})
	}
	all[0].rows = 1 // of a hundred posts, half have it
	return all
}

// readBoard measures a query on a board as its tenants: first as they ask, each
// the same thing now and then, and next with nothing that anybody has asked
// before, so that no answer is in memory.
func (r *run) readBoard(a asked, b *board, name string) error {
	asks := pages(name, b)
	for _, fresh := range []bool{false, true} {
		var operations []operation
		for c := range r.most() {
			by := newClient(a.server.base)
			defer by.close()
			var reads []*boardRead
			for i := range tenantsEach {
				p := asks[i%len(asks)]
				path := "/v1/boards/" + b.name() + "/posts?" + p.query.Encode()
				reads = append(reads, &boardRead{page: p, request: by.get(path, a.token(b.tenant(c*tenantsEach+i)))})
			}
			next := c
			operations = append(operations, func() error {
				next++
				read := reads[next%len(reads)]
				if fresh {
					// All posts are newer than that, but it is another question.
					read.http.URL.RawQuery = read.query.Encode() + "&from=" + time.Unix(int64(c), int64(next)*1e3).UTC().Format("2006-01-02T15:04:05.000000Z")
				}
				return read.check()
			})
		}
		title := name
		if fresh {
			title += ", never asked before"
		}
		if _, _, err := r.measure(step{name: title, server: a.server, operations: operations}); err != nil {
			return err
		}
	}
	return nil
}

// boardRead asks for one page over and over. Nobody writes meanwhile, so after the
// first answer all have to be as long as that.
type boardRead struct {
	page
	*request
	length int
}

func (b *boardRead) check() error {
	_, answer, err := b.send(http.StatusOK)
	if err != nil || b.length > 0 && len(answer) == b.length {
		return err
	}
	var found struct {
		Posts []struct {
			Category string `json:"category"`
			Title    string `json:"title"`
			Body     string `json:"body"`
		} `json:"posts"`
	}
	if err := json.Unmarshal(answer, &found); err != nil {
		return err
	}
	ok := b.length == 0 && len(found.Posts) >= b.rows && len(found.Posts) <= boardRows
	for _, p := range found.Posts {
		ok = ok && (b.category == "" || p.Category == b.category)
		for _, w := range b.words {
			ok = ok && strings.Contains(" "+p.Title+" "+p.Body, " "+w)
		}
	}
	if !ok {
		return fmt.Errorf("not the answer to %s: %.300s", b.http.URL.RawQuery, answer)
	}
	b.length = len(answer)
	return nil
}
