package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// composed is what the test looks at of compose.yaml.
type composed struct {
	Services map[string]struct {
		Image       string
		Command     []string
		Environment map[string]string
		Ports       []string
		Volumes     []string
		Healthcheck struct{ Test []string }
		DependsOn   map[string]any `yaml:"depends_on"`
	}
	Volumes map[string]any
}

func readCompose(t *testing.T) (c composed) {
	content, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Each variable of compose.yaml that is for Lobby is a flag of lobby serve, and
// takes the value that it has there.
func TestComposeNamesWhatThereIs(t *testing.T) {
	c := readCompose(t)
	roles := map[string]int{}
	for name, service := range c.Services {
		if service.Image != "lobby" {
			continue
		}
		cmd := serveCommand()
		for variable, value := range service.Environment {
			given, ours := strings.CutPrefix(variable, "LOBBY_")
			if !ours {
				if variable != "PGPASSWORD" { // which the driver of PostgreSQL reads
					t.Errorf("%s: %s is nobody's", name, variable)
				}
				continue
			}
			flag := cmd.Flags().Lookup(strings.ToLower(strings.ReplaceAll(given, "_", "-")))
			if flag == nil {
				t.Errorf("%s: %s is no setting of lobby serve", name, variable)
				continue
			}
			if strings.HasPrefix(value, "${") {
				continue
			}
			if err := flag.Value.Set(value); err != nil {
				t.Errorf("%s: %s: %v", name, variable, err)
			}
		}
		role, _ := cmd.Flags().GetString("role")
		roles[role]++
		if store, _ := cmd.Flags().GetString("eventstore"); !strings.HasPrefix(store, "esdb://eventstore:") {
			t.Errorf("%s reads %s", name, store)
		}
	}
	if roles[roleAPI] != 2 || roles[roleProjector] != 1 {
		t.Errorf("the roles are %v", roles)
	}
}

// No password stands in it, nothing is open to everybody, what is kept has a
// volume, and each service says when it is well.
func TestComposeIsClosed(t *testing.T) {
	content, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?mi)^.*password:.*$`).FindAllString(string(content), -1) {
		if !strings.Contains(line, "${LOBBY_POSTGRES_PASSWORD:?") {
			t.Errorf("a password stands in %q", line)
		}
	}
	c := readCompose(t)
	for name, service := range c.Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open at %s", name, port)
			}
		}
		if len(service.Volumes) == 0 || service.Image != "lobby" && len(service.Healthcheck.Test) == 0 {
			t.Errorf("%s has volumes %v, health check %v", name, service.Volumes, service.Healthcheck.Test)
		}
		for _, volume := range service.Volumes {
			if kept, _, _ := strings.Cut(volume, ":"); !hasKey(c.Volumes, kept) {
				t.Errorf("%s: there is no volume %s", name, kept)
			}
		}
	}
}

func hasKey(m map[string]any, key string) bool { _, ok := m[key]; return ok }

// The image runs the binary that is there, as nobody, and asks it how it is.
func TestDockerfileNamesWhatThereIs(t *testing.T) {
	content, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, want := range []string{"CGO_ENABLED=0", "FROM scratch", "USER 65532:65532", `CMD ["/lobby", "healthcheck"]`, `ENTRYPOINT ["/lobby"]`, "-X main.version="} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %s", want)
		}
	}
	var flags []string
	serveCommand().Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	for _, variable := range regexp.MustCompile(`LOBBY_(\w+)`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(flags, strings.ToLower(strings.ReplaceAll(variable[1], "_", "-"))) {
			t.Errorf("%s is no setting of lobby serve", variable[0])
		}
	}
}
