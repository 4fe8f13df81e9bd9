package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client is one connection. It is for one goroutine, and reuses what it can, for
// its own work must stay small beside the server's.
type client struct {
	transport *http.Transport
	base      string
	answer    bytes.Buffer
	body      bytes.Reader
}

func newClient(base string) *client {
	return &client{base: base, transport: &http.Transport{
		MaxConnsPerHost:       1,
		DisableCompression:    true,
		ReadBufferSize:        32 << 10, // an answer takes few reads
		ResponseHeaderTimeout: time.Minute,
	}}
}

func (c *client) close() { c.transport.CloseIdleConnections() }

// request makes a request that can be sent any number of times.
func (c *client) request(method, path, token string, body []byte) *request {
	u, err := url.Parse(c.base + path)
	if err != nil {
		panic(err) // paths are made here, of ids
	}
	r := &request{client: c, body: body, http: &http.Request{
		Method: method, URL: u, Host: u.Host, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}}
	if token != "" {
		r.http.Header["Authorization"] = []string{"Bearer " + token}
	}
	if body != nil {
		r.http.Header["Content-Type"] = []string{"application/json"}
		r.http.ContentLength = int64(len(body))
	}
	return r
}

// get makes a request for an answer.
func (c *client) get(path, token string) *request {
	return c.request(http.MethodGet, path, token, nil)
}

type request struct {
	client *client
	http   *http.Request
	body   []byte
}

// keyed gives the request an idempotency key.
func (r *request) keyed(prefix string, n int) *request {
	r.http.Header["Idempotency-Key"] = []string{prefix + strconv.Itoa(n)}
	return r
}

func (r *request) with(header, value string) *request {
	r.http.Header[header] = []string{value}
	return r
}

// send sends the request and reads the answer, which stays readable until the
// client's next one. A status other than those wanted is an error.
func (r *request) send(want ...int) (*http.Response, []byte, error) {
	c := r.client
	if r.body != nil {
		c.body.Reset(r.body)
		r.http.Body = io.NopCloser(&c.body)
	}
	response, err := c.transport.RoundTrip(r.http)
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", r.http.Method, r.http.URL.Path, err)
	}
	c.answer.Reset()
	_, err = c.answer.ReadFrom(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", r.http.Method, r.http.URL.Path, err)
	}
	for _, status := range want {
		if response.StatusCode == status {
			return response, c.answer.Bytes(), nil
		}
	}
	return nil, nil, fmt.Errorf("%s %s: %s, not %v: %.300s", r.http.Method, r.http.URL.Path, response.Status, want, c.answer.Bytes())
}

// read sends the request and decodes its answer.
func (r *request) read(into any, want ...int) error {
	_, answer, err := r.send(want...)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, into)
}
