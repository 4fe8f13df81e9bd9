// Package stories tells what people do and what they then see, as text that is
// run: each .txt file beside this one is a story, told through the HTTP handler
// of the real program.
//
// A line that begins with ">" is something that somebody does. The lines right
// below it are what came of it: the events that were written, the refusal, or
// what is on the screen. Every other paragraph is for the reader. The sentences
// that a story may use are the tables in language_..._test.go.
//
//	> Greta writes #keys to Jonas: The keys are with the caretaker.
//	message sent
//	> Jonas sees #keys
//	messages seen
//	> Greta deletes #keys
//	refused: It has been seen, so it can no longer be deleted. (409 already_seen)
//	decided by Jonas Weber, revision 3, 2026-06-01 09:06
//
// People go by their first name, and messages, leases, posts, comments, requests and
// webhooks by the #name that they were given, a request standing for its description, too.
// "Greta and Jonas" is the channel of the two, for somebody who is neither, and "The
// platform for Greta" does what she could. In what somebody "sends", {#keys} is an id,
// and {in #keys}, {Jonas} and {the board of Greta} are channels. Each sentence takes a
// minute of the story's clock; whatever is read is read after everything that was
// done before. After whatever changes something, every number of unread entries that
// anybody is shown is compared with the entries that it counts.
//
// A story promises that it says what happens: go test ./stories fails where the
// text is not what came, and with -update writes the text anew, to be looked at.
// It never shows an id, a position or anything else that differs between runs.
package stories
