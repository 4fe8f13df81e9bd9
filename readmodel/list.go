package readmodel

import "strconv"

// Placeholders gives the parameters of a list that a query asks for, as in
// "channel in " + Placeholders(3, 2), which is "channel in ($3, $4)". A list of
// none is "(null)", which nothing is in. Every length is a text of its own, so a
// list that may be long is better asked for in parts of one length.
func Placeholders(from, n int) string {
	if n == 0 {
		return "(null)"
	}
	list := make([]byte, 0, 5*n+2)
	for i := range n {
		if i == 0 {
			list = append(list, "($"...)
		} else {
			list = append(list, ", $"...)
		}
		list = strconv.AppendInt(list, int64(from+i), 10)
	}
	return string(append(list, ')'))
}
