package hook

import (
	"errors"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"lobby.example/domain"
)

func TestAddressesThatAreOpenToEverybody(t *testing.T) {
	for text, want := range map[string]bool{
		"1.1.1.1": true, "93.184.216.34": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true, "100.128.0.0": true,
		"11.0.0.0": true, "126.255.255.255": true, "128.0.0.0": true, "192.0.1.0": true, "198.17.255.255": true, "198.20.0.0": true, "223.255.255.255": true,
		"2606:4700::1111": true, "2a00:1450::1": true, "2001:200::1": true, "2003::1": true, "3ffe::1": true, "::ffff:1.1.1.1": true, "64:ff9b::1.1.1.1": true,

		"127.0.0.1": false, "127.255.255.255": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "10.255.255.255": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.0.1": false, "192.168.255.255": false, "169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "100.127.255.255": false,
		"192.0.0.192": false, "192.0.2.1": false, "192.88.99.1": false, "198.18.0.1": false, "198.19.255.255": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false, "168.63.129.16": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:0.0.0.0": false, "::127.0.0.1": false, "::ffff:0:127.0.0.1": false,
		"64:ff9b::127.0.0.1": false, "64:ff9b::10.0.0.1": false, "64:ff9b::169.254.169.254": false, "64:ff9b:1::1.1.1.1": false,
		"2002:7f00:1::1": false, "2002:a00:1::": false, "2001:0:7f00:1::": false, "2001::f5ff:fffe": false, "2001:db8::1": false, "3fff::1": false, "100::1": false, "4000::1": false,
	} {
		if got := permitted(netip.MustParseAddr(text), nil); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if permitted(netip.Addr{}, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}) {
		t.Error("no address at all")
	}
}

func TestWhatTheOperatorAllows(t *testing.T) {
	allow := unmapped([]netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32"), netip.MustParsePrefix("::ffff:192.168.7.0/120"), netip.MustParsePrefix("fe80::/64"),
	})
	for text, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "64:ff9b::10.1.2.3": true, "192.168.7.9": true, "fd00:1::1": true, "fe80::1%eth0": true, "1.1.1.1": true,
		"10.2.0.1": false, "::ffff:10.2.0.1": false, "192.168.8.1": false, "fd00:2::1": false, "127.0.0.1": false, "2002:a01:203::": false,
	} {
		if got := permitted(netip.MustParseAddr(text), allow); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// FuzzPermitted holds the check against what the standard library knows of
// addresses, and every way to write an IPv4 address in IPv6 against the address.
func FuzzPermitted(f *testing.F) {
	for _, text := range []string{"1.1.1.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "::1", "fe80::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2606:4700::1111", "::ffff:10.0.0.1"} {
		f.Add(netip.MustParseAddr(text).AsSlice(), netip.MustParseAddr("10.1.2.3").AsSlice(), uint8(8))
	}
	f.Fuzz(func(t *testing.T, bytes, base []byte, bits uint8) {
		a, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		got := permitted(a, nil)
		plain := a.Unmap()
		if got && (!plain.IsGlobalUnicast() || plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified()) {
			t.Fatalf("%s is permitted", a)
		}
		if plain.Is4() {
			v4 := plain.As4()
			mapped, translated := netip.AddrFrom16(plain.As16()), [16]byte{0, 0x64, 0xff, 0x9b}
			sixToFour, teredo := [16]byte{0x20, 2}, [16]byte{0x20, 1}
			copy(translated[12:], v4[:])
			copy(sixToFour[2:], v4[:])
			for i, b := range v4 {
				teredo[12+i] = ^b
			}
			if permitted(mapped, nil) != got || permitted(netip.AddrFrom16(translated), nil) != got {
				t.Fatalf("%s is not what it is inside IPv6", plain)
			}
			if permitted(netip.AddrFrom16(sixToFour), nil) || permitted(netip.AddrFrom16(teredo), nil) {
				t.Fatalf("%s is permitted in a tunnel", plain)
			}
		}
		// What the operator allows opens that, and nothing else.
		start, ok := netip.AddrFromSlice(base)
		if !ok || int(bits) > start.BitLen() {
			return
		}
		allow := unmapped([]netip.Prefix{netip.PrefixFrom(start, int(bits))})
		inside := allow[0].Contains(plain)
		if nat64.Contains(a) {
			b := a.As16()
			inside = inside || allow[0].Contains(netip.AddrFrom4([4]byte(b[12:])))
		}
		if permitted(a, allow) != (got || inside) {
			t.Fatalf("%s with %s allowed: %v", a, allow, !(got || inside))
		}
	})
}

// badURLs are no targets, whatever they resolve to.
var badURLs = []string{
	"", "/", "example.org", "//example.org", "http:", "http://", "http:///path", "http://:80/", "https://?", "http:example.org", "ftp://example.org", "file:///etc/passwd",
	"gopher://127.0.0.1:25/", "unix:///run/a.sock", "javascript:alert(1)", "http://user@127.0.0.1/", "http://user:pass@127.0.0.1/", "http://@127.0.0.1/", "http://127.0.0.1:0/",
	"http://127.0.0.1:65536/", "http://127.0.0.1:99999999999999999999/", "http://127.0.0.1:-1/", "http://127.0.0.1:http/", "http://[::1/", "http://[::1]]/", "http://a b/",
	"http://127.0.0.1/\n", "http://127.0.0.1\r\nHost: a/", "http://127.0.0.1\x00/", "http://例え.example/", "http://%E4%BE%8B.example/", "http://127.0.0.1/%zz", " http://127.0.0.1/",
}

func TestURLsThatAreNone(t *testing.T) {
	c := client(t)
	for _, url := range badURLs {
		err := c.Deliver(t.Context(), request(url))
		if _, permanent := errors.AsType[*PermanentError](err); !permanent {
			t.Errorf("%q: %v", url, err)
		} else if strings.Contains(err.Error(), "pass") {
			t.Errorf("%q: tells %v", url, err)
		}
		refusedAs(t, c.Reach(t.Context(), url), "not_a_webhook_url")
	}
}

// TestAddressesOfThisMachine in every way of writing them that a resolver may
// understand: nothing arrives, whatever is listening.
func TestAddressesOfThisMachine(t *testing.T) {
	to := receive(t, (*httptest.Server).Start, nil)
	_, port, _ := strings.Cut(strings.TrimPrefix(to.URL, "http://"), ":")
	strict := client(t, func(o *Options) { o.Allow = nil })
	hosts := []string{"127.0.0.1", "0.0.0.0", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil { // a machine without IPv6 dials none of these
		_ = l.Close()
		hosts = append(hosts, "[::1]", "[::]", "[64:ff9b::127.0.0.1]", "[::1%25lo]")
	}
	for _, host := range hosts {
		url := "http://" + host + ":" + port + "/"
		err := strict.Deliver(t.Context(), request(url))
		mayPass(t, err, "may not go to this address")
		if !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s: %v", host, err)
		}
		refusedAs(t, strict.Reach(t.Context(), url), "target_not_allowed")
	}
	// Some resolvers know these, others ask a name server that may be far away.
	strict = client(t, impatient, func(o *Options) { o.Allow = nil })
	for _, host := range []string{"127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "0", "LOCALHOST."} {
		mayPass(t, strict.Deliver(t.Context(), request("http://"+host+":"+port+"/")), "hook: ")
	}
	if n := len(to.arrived()); n != 0 {
		t.Errorf("%d deliveries arrived", n)
	}
}

func refusedAs(t *testing.T, err error, code string) {
	t.Helper()
	r, ok := errors.AsType[*domain.Refusal](err)
	if !ok || r.Code != code || r.Reason != domain.Invalid || r.Field != "url" {
		t.Errorf("%v is not refused as %s", err, code)
	}
}
