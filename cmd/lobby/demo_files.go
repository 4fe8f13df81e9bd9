package main

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	pngfile "image/png"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// attachedTo is how a line of the texts names a file at its end.
var attachedTo = regexp.MustCompile(` \[([^]]+)\]$`)

// written is the body of a message or comment: a line, with the file that it names.
func (d *demoProperty) written(ctx context.Context, by *demoPerson, line string) (map[string]any, error) {
	text, files := line, []uuid.UUID{}
	if found := attachedTo.FindStringSubmatch(line); found != nil {
		text = strings.TrimSuffix(line, found[0])
		file, err := d.upload(ctx, by, found[1])
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return map[string]any{"text": text, "attachments": files}, nil
}

// upload takes a file up. Each entry has its own, also where the bytes are the same.
func (d *demoProperty) upload(ctx context.Context, by *demoPerson, name string) (id uuid.UUID, err error) {
	content, contentType := []byte(nil), "text/plain"
	if path.Ext(name) == ".png" {
		contentType = "image/png"
		content, err = demoPicture(name)
	} else {
		content, err = demoFile(name)
	}
	if err != nil {
		return id, err
	}
	var answer demoAnswer
	if err = d.ask(ctx, by.Token, http.MethodPost, "/attachments?name="+url.QueryEscape(name), contentType, content, &answer); err != nil {
		return id, err
	}
	d.uploads++
	d.files[name] = *answer.ID
	return *answer.ID, nil
}

// demoFile finds a text of that name in demo.txt.
func demoFile(name string) ([]byte, error) {
	for _, block := range demoBlocks(demoText) {
		if block.heading == "file "+name {
			return []byte(strings.Join(block.lines, "\n") + "\n"), nil
		}
	}
	return nil, fmt.Errorf("there is no text for the file %s", name)
}

// demoPicture draws something to look at, which is another thing for each name:
// a wall, a floor, and what stands there.
func demoPicture(name string) ([]byte, error) {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	seed := hash.Sum64()
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	shade := func(least int) color.Color {
		return color.RGBA{uint8(least + next(80)), uint8(least + next(80)), uint8(least + next(80)), 255}
	}
	picture := image.NewRGBA(image.Rect(0, 0, 160, 120))
	fill := func(area image.Rectangle, c color.Color) {
		draw.Draw(picture, area, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(picture.Bounds(), shade(170))
	fill(image.Rect(0, 85, 160, 120), shade(90))
	for range 3 + next(3) {
		left, width, height := next(130), 12+next(40), 10+next(60)
		fill(image.Rect(left, 95-height, left+width, 95), shade(40))
	}
	var content bytes.Buffer
	err := pngfile.Encode(&content, picture)
	return content.Bytes(), err
}
