package hook

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// closed are the addresses which are not open to everybody, after IANA's
// registries of special-purpose addresses, and one that a large host of machines
// answers its tenants on.
var closed = prefixes(
	"0.0.0.0/8",        // this network; 0.0.0.0 reaches loopback
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // behind a carrier's NAT
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's own services for the machine
	"169.254.0.0/16",   // link-local; where machines learn their credentials
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // relays of 6to4
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
	"2001::/23",        // protocol assignments; Teredo, which has an IPv4 address inside
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4, which has an IPv4 address inside
	"3fff::/20",        // documentation
)

var (
	// unicast is all that is in use of IPv6 between networks. Loopback, link-local,
	// unique local, multicast and IPv4-compatible addresses lie outside of it.
	unicast = netip.MustParsePrefix("2000::/3")
	// nat64 is where a network without IPv4 finds all of IPv4.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// permitted reports whether a delivery may go to the address.
func permitted(a netip.Addr, allow []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return false
	}
	if contains(allow, a) {
		return true
	}
	if nat64.Contains(a) {
		b := a.As16()
		return permitted(netip.AddrFrom4([4]byte(b[12:])), allow)
	}
	return (a.Is4() || unicast.Contains(a)) && !contains(closed, a)
}

// control looks at each address before it is dialled, when nothing can change it
// any more.
func (c *Client) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err == nil && permitted(at.Addr(), c.allow) {
		return nil
	}
	return ErrNotAllowed
}

// target is a URL that deliveries may be tried to.
func target(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("hook: the URL is malformed") // err has the URL, which may have a token
	}
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("hook: the URL is neither http nor https")
	case host == "": // would dial this machine
		return nil, errors.New("hook: the URL has no host")
	case u.User != nil:
		return nil, errors.New("hook: the URL has a user")
	case strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("hook: the URL's host is not ASCII; a name in another script is written xn--")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("hook: the URL's port is none")
		}
	}
	return u, nil
}

// unmapped writes prefixes of IPv4 addresses inside IPv6 as what they stand for.
func unmapped(list []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		out = append(out, p)
	}
	return out
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func prefixes(list ...string) (out []netip.Prefix) {
	for _, text := range list {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}
