package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

func (d *demoProperty) mint(caller httpapi.Caller) (string, error) {
	return d.key.Mint(caller, time.Now(), 7*24*time.Hour)
}

// demoAnswer is what the demo needs of a command's answer.
type demoAnswer struct {
	ID       *uuid.UUID
	Stream   string
	Position string
}

// call sends one command and fails with what the server said against it.
func (d *demoProperty) call(ctx context.Context, token, method, path string, body any) (answer demoAnswer, err error) {
	var content []byte
	if body != nil {
		if content, err = json.Marshal(body); err != nil {
			return answer, err
		}
	}
	return answer, d.ask(ctx, token, method, path, "application/json", content, &answer)
}

// ask sends any request, and reads the answer into what is given for it.
func (d *demoProperty) ask(ctx context.Context, token, method, path, contentType string, content []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, d.base+"/v1"+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		var problem struct{ Code, Detail string }
		err := json.NewDecoder(response.Body).Decode(&problem)
		return fmt.Errorf("%s %s: %s: %s %s %v", method, path, response.Status, problem.Code, problem.Detail, err)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
