package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

//go:embed demo_board.txt
var demoBoardText string

// fillBoard publishes what demo_board.txt says. The heading of each post is its
// category and what else is done with it: pinned, closed, flats=1,2, file=name and
// seen=names. Then come its title, its body, and the comments, each with > before
// it. An = stands where the landlord looked at those above.
func (d *demoProperty) fillBoard(ctx context.Context) error {
	for _, block := range demoBlocks(demoBoardText) {
		if err := d.publish(ctx, block); err != nil {
			return fmt.Errorf("%s: %w", block.lines[0], err)
		}
	}
	return nil
}

func (d *demoProperty) publish(ctx context.Context, block demoBlock) error {
	landlord := d.landlord()
	heading := strings.Fields(block.heading)
	options := map[string]string{}
	for _, option := range heading[1:] {
		name, value, _ := strings.Cut(option, "=")
		options[name] = value
	}
	text := 1
	for text < len(block.lines) && !strings.HasPrefix(block.lines[text], ">") {
		text++
	}
	files, audience := []uuid.UUID{}, map[string]any{"all": true}
	if name := options["file"]; name != "" {
		file, err := d.upload(ctx, landlord, name)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	if flats := options["flats"]; flats != "" {
		var properties []uuid.UUID
		for flat := range strings.SplitSeq(flats, ",") {
			n, err := strconv.Atoi(flat)
			if err != nil {
				return err
			}
			properties = append(properties, propertyID(n))
		}
		audience = map[string]any{"properties": properties}
	}
	answer, err := d.call(ctx, landlord.Token, http.MethodPost, "/posts", map[string]any{
		"category": heading[0], "title": block.lines[0], "body": strings.Join(block.lines[1:text], "\n"),
		"audience": audience, "attachments": files,
	})
	if err != nil {
		return err
	}
	d.posts++
	post := answer.Stream
	if _, pinned := options["pinned"]; pinned {
		if _, err := d.call(ctx, landlord.Token, http.MethodPut, "/posts/"+post+"/pin", nil); err != nil {
			return err
		}
	}
	if names := options["seen"]; names != "" {
		for name := range strings.SplitSeq(names, ",") {
			reader, err := d.who(name)
			if err != nil {
				return err
			}
			if err := d.see(ctx, reader, post, *answer.ID); err != nil {
				return err
			}
		}
	}
	if err := d.comment(ctx, post, block.lines[text:]); err != nil {
		return err
	}
	if _, closed := options["closed"]; closed {
		_, err = d.call(ctx, landlord.Token, http.MethodDelete, "/posts/"+post+"/commenting", nil)
	}
	return err
}

// comment writes comments, and lets the landlord look at them.
func (d *demoProperty) comment(ctx context.Context, post string, lines []string) error {
	var waiting []uuid.UUID
	for _, line := range lines {
		if line == "=" {
			if err := d.see(ctx, d.landlord(), post, waiting...); err != nil {
				return err
			}
			for _, comment := range waiting {
				delete(d.unseenComments, comment)
			}
			waiting = nil
			continue
		}
		name, text, _ := strings.Cut(strings.TrimPrefix(line, "> "), ": ")
		by, err := d.who(name)
		if err != nil {
			return err
		}
		body, err := d.written(ctx, by, text)
		if err != nil {
			return err
		}
		answer, err := d.call(ctx, by.Token, http.MethodPost, "/posts/"+post+"/comments", body)
		if err != nil {
			return err
		}
		d.comments++
		if by != d.landlord() {
			waiting = append(waiting, *answer.ID)
			d.unseenComments[*answer.ID] = true
		}
	}
	return nil
}
