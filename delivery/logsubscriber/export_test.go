package logsubscriber

// Pause is for tests.
var Pause = Backoff.pause
