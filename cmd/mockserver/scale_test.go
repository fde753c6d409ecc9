package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/mocks"
)

const scale = "../../examples/scale"

// decodeStrictly decodes YAML and rejects what v has no field for.
func decodeStrictly(t *testing.T, text []byte, v any) {
	t.Helper()
	if err := yaml.UnmarshalWithOptions(text, v, yaml.Strict()); err != nil {
		t.Fatalf("%v", err)
	}
}

// checkEnvironment compares variables with the flags of serve.
func checkEnvironment(t *testing.T, what string, env map[string]string) {
	t.Helper()
	flags := serveCommand(mocks.All()).Flags()
	for name, value := range env {
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "MOCKSERVER_")), "_", "-")
		if f := flags.Lookup(flag); f == nil {
			t.Errorf("%s: %s is no flag of serve", what, name)
		} else if err := f.Value.Set(value); err != nil {
			t.Errorf("%s: %s=%s: %v", what, name, value, err)
		}
	}
	if got, err := flags.GetInt("store-replicas"); err != nil || got != 3 {
		t.Errorf("%s: %d replicas, %v", what, got, err)
	}
}

// routes returns the addresses of a --routes argument of a NATS server.
func routes(args []string) []string {
	for _, arg := range args {
		if list, ok := strings.CutPrefix(arg, "--routes="); ok {
			return strings.Split(list, ",")
		}
	}
	return nil
}

func TestTheComposeFileAgreesWithItself(t *testing.T) {
	t.Parallel()
	type service struct {
		Image       string
		ReadOnly    bool `yaml:"read_only"`
		Healthcheck struct {
			StartPeriod string `yaml:"start_period"`
		}
		Environment map[string]string
		DependsOn   []string `yaml:"depends_on"`
		Restart     string
		Command     []string
		Volumes     []string
		Ports       []string
	}
	var file struct {
		Node     service `yaml:"x-node"`
		NATS     service `yaml:"x-nats"`
		Services map[string]service
		Volumes  map[string]any
	}
	text, err := os.ReadFile(filepath.Join(scale, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	decodeStrictly(t, text, &file)
	var engines, peers, nodes []string
	for name, s := range file.Services {
		for _, other := range s.DependsOn {
			if _, ok := file.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		switch {
		case strings.HasPrefix(name, "nats"):
			engines, peers = append(engines, "nats://"+name+":4222"), append(peers, "nats://"+name+":6222")
			if _, ok := file.Volumes[name]; !ok || !slices.Contains(s.Volumes, name+":/data") {
				t.Errorf("%s keeps its data in %v, volumes %v", name, s.Volumes, file.Volumes)
			}
		case strings.HasPrefix(name, "node"):
			nodes = append(nodes, name+":4000")
		}
	}
	slices.Sort(engines)
	slices.Sort(nodes)
	for name, s := range file.Services {
		if !strings.HasPrefix(name, "nats") {
			continue
		}
		for _, arg := range []string{"--name=" + name, "--jetstream", "--store_dir=/data",
			"--cluster=nats://0.0.0.0:6222"} {
			if !slices.Contains(s.Command, arg) {
				t.Errorf("%s: no %s in %v", name, arg, s.Command)
			}
		}
		others := slices.DeleteFunc(slices.Clone(peers), func(p string) bool { return p == "nats://"+name+":6222" })
		slices.Sort(others)
		if diff := cmp.Diff(others, routes(s.Command)); diff != "" {
			t.Errorf("the routes of %s (-other servers +given):\n%s", name, diff)
		}
	}
	env := file.Services["node1"].Environment
	checkEnvironment(t, "compose.yaml", env)
	if diff := cmp.Diff(strings.Join(engines, ","), env["MOCKSERVER_STORE"]); diff != "" {
		t.Errorf("the store (-services +given):\n%s", diff)
	}
	proxy := file.Services["proxy"]
	checkProxy(t, "compose.yaml", proxy.Environment, nodes)
	if got := file.Services["node1"].Healthcheck.StartPeriod; got != "60s" || storeTimeout != time.Minute {
		t.Errorf("a node has %s to find the store, and waits %s for it", got, storeTimeout)
	}
	if want := []string{"${EDGE_PORT:-4000}" + proxy.Environment["EDGE_BIND"]}; !slices.Equal(proxy.Ports, want) {
		t.Errorf("the proxy's ports are %v, expected %v", proxy.Ports, want)
	}
}

var variables = regexp.MustCompile(`"\$\{([A-Z0-9_]+)\}"`)

// checkProxy compares the variables of the proxy with those that its configuration uses, and with the nodes.
func checkProxy(t *testing.T, what string, env map[string]string, nodes []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(scale, "haproxy.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range variables.FindAllStringSubmatch(string(text), -1) {
		used[m[1]] = true
		if env[m[1]] == "" {
			t.Errorf("%s: the proxy has no %s", what, m[1])
		}
	}
	for name := range env {
		if !used[name] {
			t.Errorf("%s: the proxy's configuration does not use %s", what, name)
		}
	}
	for i, node := range nodes {
		if got := env[fmt.Sprint("NODE", i+1)]; got != node {
			t.Errorf("%s: NODE%d is %s, expected %s", what, i+1, got, node)
		}
	}
	if len(nodes) != 3 || env["EDGE_BIND"] != ":4000" {
		t.Errorf("%s: nodes %v, the proxy listens on %s", what, nodes, env["EDGE_BIND"])
	}
}

// kubeObject is what the test reads of a Kubernetes object; other fields stay unread.
type kubeObject struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		ServiceName string `yaml:"serviceName"`
		Replicas    int
		Selector    map[string]any
		Ports       []struct {
			Name       string
			Port       int
			TargetPort string `yaml:"targetPort"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Containers []container
				Volumes    []struct{ Name string }
			}
		}
		VolumeClaimTemplates []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
	}
}

type container struct {
	Name, Image string
	Args        []string
	Env         []struct {
		Name, Value string
		ValueFrom   any `yaml:"valueFrom"`
	}
	Ports []struct {
		Name          string
		ContainerPort int `yaml:"containerPort"`
	}
	StartupProbe   *kubeProbe              `yaml:"startupProbe"`
	ReadinessProbe *kubeProbe              `yaml:"readinessProbe"`
	LivenessProbe  *kubeProbe              `yaml:"livenessProbe"`
	VolumeMounts   []struct{ Name string } `yaml:"volumeMounts"`
}

type kubeProbe struct {
	HTTPGet   *struct{ Path, Port string } `yaml:"httpGet"`
	TCPSocket *struct{ Port string }       `yaml:"tcpSocket"`
}

// kubeObjects returns the objects of a file by kind and name.
func kubeObjects(t *testing.T, text []byte) map[string]kubeObject {
	t.Helper()
	all := map[string]kubeObject{}
	for _, part := range bytes.Split(text, []byte("\n---\n")) {
		var o kubeObject
		if err := yaml.Unmarshal(part, &o); err != nil {
			t.Fatal(err)
		}
		all[o.Kind+"/"+o.Metadata.Name] = o
	}
	return all
}

func TestTheKubernetesFilesAgreeWithEachOther(t *testing.T) {
	t.Parallel()
	var text []byte
	for _, name := range []string{"nats", "nodes", "proxy"} {
		part, err := os.ReadFile(filepath.Join(scale, "kubernetes", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, part...), "\n---\n"...)
	}
	all := kubeObjects(t, bytes.TrimSuffix(text, []byte("\n---\n")))
	for name, o := range all {
		for _, c := range o.Spec.Template.Spec.Containers {
			checkContainer(t, name, o, c)
		}
		for key, label := range o.Spec.Selector {
			if o.Kind == "Service" && !labelled(all, key, fmt.Sprint(label)) {
				t.Errorf("%s selects %s=%v, which no pod has", name, key, label)
			}
		}
	}
	engines, nodes, proxy := all["StatefulSet/nats"], all["StatefulSet/node"], all["Deployment/proxy"]
	var urls, peers, addresses []string
	for i := range engines.Spec.Replicas {
		urls = append(urls, fmt.Sprintf("nats://nats-%d.%s:%d", i, engines.Spec.ServiceName, 4222))
		peers = append(peers, fmt.Sprintf("nats://nats-%d.%s:%d", i, engines.Spec.ServiceName, 6222))
	}
	for i := range nodes.Spec.Replicas {
		addresses = append(addresses,
			fmt.Sprintf("node-%d.%s.$(NAMESPACE).svc.cluster.local:4000", i, nodes.Spec.ServiceName))
	}
	for _, set := range []kubeObject{engines, nodes} {
		if all["Service/"+set.Spec.ServiceName].Kind == "" {
			t.Errorf("%s names the service %s, which is not there", set.Metadata.Name, set.Spec.ServiceName)
		}
	}
	if diff := cmp.Diff(peers, routes(engines.Spec.Template.Spec.Containers[0].Args)); diff != "" {
		t.Errorf("the routes of NATS (-pods +given):\n%s", diff)
	}
	env := variablesOf(nodes)
	checkEnvironment(t, "nodes.yaml", env)
	if diff := cmp.Diff(strings.Join(urls, ","), env["MOCKSERVER_STORE"]); diff != "" {
		t.Errorf("the store (-pods +given):\n%s", diff)
	}
	checkProxy(t, "proxy.yaml", variablesOf(proxy), addresses)
}

func labelled(all map[string]kubeObject, key, value string) bool {
	for _, o := range all {
		if o.Spec.Template.Metadata.Labels[key] == value {
			return true
		}
	}
	return false
}

// variablesOf returns the variables whose values the file has.
func variablesOf(o kubeObject) map[string]string {
	env := map[string]string{}
	for _, v := range o.Spec.Template.Spec.Containers[0].Env {
		if v.ValueFrom == nil {
			env[v.Name] = v.Value
		}
	}
	return env
}

// checkContainer checks that the ports of probes and the volumes of a container exist.
func checkContainer(t *testing.T, name string, o kubeObject, c container) {
	t.Helper()
	ports := map[string]bool{}
	for _, p := range c.Ports {
		ports[p.Name] = true
	}
	if c.ReadinessProbe == nil {
		t.Errorf("%s: no readiness probe", name)
	}
	for _, p := range []*kubeProbe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
		switch {
		case p == nil:
		case p.HTTPGet != nil && !ports[p.HTTPGet.Port], p.TCPSocket != nil && !ports[p.TCPSocket.Port]:
			t.Errorf("%s: a probe asks a port that is none of %v", name, ports)
		case c.Name == "mockserver" && p.HTTPGet.Path != "/__admin/ready" && p.HTTPGet.Path != "/__admin/health":
			t.Errorf("%s: a probe asks for %s", name, p.HTTPGet.Path)
		}
	}
	volumes := map[string]bool{}
	for _, v := range o.Spec.Template.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range o.Spec.VolumeClaimTemplates {
		volumes[v.Metadata.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("%s: no volume %s", name, m.Name)
		}
	}
}

// TestKustomizeBuildsTheExample runs kubectl, which needs no cluster for it.
func TestKustomizeBuildsTheExample(t *testing.T) {
	t.Parallel()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("no kubectl here")
	}
	text, err := exec.Command(kubectl, "kustomize", scale).Output()
	if err != nil {
		t.Fatal(err)
	}
	all := kubeObjects(t, text)
	for _, want := range []string{"StatefulSet/nats", "StatefulSet/node", "Deployment/proxy", "Service/fakes"} {
		if _, ok := all[want]; !ok {
			t.Errorf("no %s", want)
		}
	}
	if !bytes.Contains(text, []byte("MOCKSERVER_ADMIN_TOKEN")) || !bytes.Contains(text, []byte("haproxy.cfg")) {
		t.Error("the secret or the configuration of the proxy is not there")
	}
}
