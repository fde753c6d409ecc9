// Calls makes the same calls with WireMock's own client for Java against the server at a URL and prints one line per
// call: its name and what came of it. What differs between two runs of one server, like identifiers, is left out.
import static com.github.tomakehurst.wiremock.client.WireMock.*;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.UniformDistribution;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import com.github.tomakehurst.wiremock.stubbing.StubImport;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.net.URI;
import java.net.http.*;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

public class Calls {
  static WireMock mock;
  static String base;
  static final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  static void call(String name, Callable<Object> what) {
    String result;
    try {
      result = String.valueOf(what.call());
    } catch (Throwable e) {
      result = "throws " + e.getClass().getSimpleName();
    }
    result = result.replace(base, "BASE").replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "UUID").replaceAll("\\s+", " ");
    System.out.println("java: " + name + "\t" + result);
  }

  static void run(String name, Runnable what) {
    call(name, () -> { what.run(); return "done"; });
  }

  // send makes a request and returns status, some headers and body of its answer.
  static String send(String method, String path, String body, String... headers) throws Exception {
    HttpRequest.Builder r = HttpRequest.newBuilder(URI.create(base + path)).method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) r.header(headers[i], headers[i + 1]);
    HttpResponse<String> a = http.send(r.build(), HttpResponse.BodyHandlers.ofString());
    return a.statusCode() + " " + a.headers().firstValue("Content-Type").orElse("-") + " " + a.headers().firstValue("X-Own").orElse("-")
        + " " + a.headers().firstValue("Matched-Stub-Id").isPresent() + " " + (a.headers().firstValue("Matched-Stub-Id").isPresent() ? a.body() : "");
  }

  static String fetch(String path, String... headers) throws Exception { return send("GET", path, null, headers); }

  // stubbed registers a stub and sends one request.
  static void stubbed(String name, MappingBuilder stub, Callable<Object> request) {
    run(name + ": register", () -> { mock.removeMappings(); mock.register(stub); });
    call(name + ": send", request);
  }

  static void verified(String name, RequestPatternBuilder pattern) {
    run(name, () -> mock.verifyThat(1, pattern));
    call(name + ": find", () -> mock.find(pattern).size());
  }

  public static void main(String[] args) throws Exception {
    base = args[0];
    URI u = URI.create(base);
    mock = WireMock.create().host(u.getHost()).port(u.getPort()).build();
    configureFor(u.getHost(), u.getPort()); // for what the client has as static methods only
    run("reset", mock::resetMappings);
    run("forget", mock::resetRequests);
    journal();
    patterns();
    answers();
    admin();
  }

  static void journal() throws Exception {
    send("POST", "/things?page=1&tag=a&tag=b", "{\"name\":\"Ada\",\"tags\":[\"x\",\"y\"],\"n\":3,\"o\":{}}", "Content-Type", "application/json", "X-Team", "red", "Cookie", "theme=dark");
    send("POST", "/xml", "<order id=\"7\"><item>tea</item><item>jam</item></order>", "Content-Type", "application/xml");
    send("POST", "/form", "a=1&b=two", "Content-Type", "application/x-www-form-urlencoded");
    send("PUT", "/dates/9", "x", "Authorization", "Basic dXNlcjpwYXNz", "X-When", "2026-01-02T03:04:05Z");
    send("POST", "/parts", "--b\r\nContent-Disposition: form-data; name=\"one\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n", "Content-Type", "multipart/form-data; boundary=b");
    run("verifyThat", () -> mock.verifyThat(anyRequestedFor(urlPathEqualTo("/things"))));
    run("verifyThat count", () -> mock.verifyThat(1, postRequestedFor(urlPathEqualTo("/things"))));
    run("verifyThat more than", () -> mock.verifyThat(moreThan(4), anyRequestedFor(anyUrl())));
    run("verifyThat fails", () -> mock.verifyThat(getRequestedFor(urlEqualTo("/nowhere"))));
    run("verifyThat never", () -> mock.verifyThat(0, getRequestedFor(urlEqualTo("/nowhere"))));
    call("find", () -> mock.find(anyRequestedFor(anyUrl())).stream().map(r -> r.getMethod() + " " + r.getUrl() + " " + r.getBodyAsString().length()).sorted().collect(Collectors.toList()));
    call("getServeEvents", () -> mock.getServeEvents().stream().map(e -> e.getRequest().getMethod() + " " + e.getRequest().getUrl() + " " + e.getWasMatched()).collect(Collectors.toList()));
    call("find unmatched", () -> mock.find(anyRequestedFor(urlPathEqualTo("/things"))).get(0).queryParameter("tag").values());
    call("header of a request", () -> mock.find(anyRequestedFor(urlPathEqualTo("/things"))).get(0).getHeader("X-Team"));
    verified("url", postRequestedFor(urlEqualTo("/things?page=1&tag=a&tag=b")));
    verified("urlMatching", postRequestedFor(urlMatching("/things\\?page=.*")));
    verified("urlPathMatching", postRequestedFor(urlPathMatching("/th[a-z]+")));
    verified("urlPathTemplate", putRequestedFor(urlPathTemplate("/dates/{id}")).withPathParam("id", equalTo("9")));
    verified("header", anyRequestedFor(anyUrl()).withHeader("X-Team", equalToIgnoreCase("RED")));
    verified("header containing", anyRequestedFor(anyUrl()).withHeader("X-Team", containing("re")));
    verified("header matching", anyRequestedFor(anyUrl()).withHeader("X-Team", matching("r.d")));
    verified("header absent", postRequestedFor(urlPathEqualTo("/things")).withoutHeader("X-None"));
    verified("query", anyRequestedFor(anyUrl()).withQueryParam("page", equalTo("1")));
    verified("query hasExactly", anyRequestedFor(anyUrl()).withQueryParam("tag", havingExactly("a", "b")));
    verified("query hasExactly fails", anyRequestedFor(anyUrl()).withQueryParam("tag", havingExactly("a")));
    verified("query includes", anyRequestedFor(anyUrl()).withQueryParam("tag", including("b")));
    verified("cookie", anyRequestedFor(anyUrl()).withCookie("theme", equalTo("dark")));
    verified("basic auth", anyRequestedFor(anyUrl()).withBasicAuth(new com.github.tomakehurst.wiremock.client.BasicCredentials("user", "pass")));
    verified("form", anyRequestedFor(anyUrl()).withFormParam("b", equalTo("two")));
    verified("body", anyRequestedFor(anyUrl()).withRequestBody(equalTo("x")));
    verified("body binary", anyRequestedFor(anyUrl()).withRequestBody(binaryEqualTo("x".getBytes())));
    verified("body json", anyRequestedFor(anyUrl()).withRequestBody(equalToJson("{\"n\":3,\"o\":{},\"name\":\"Ada\",\"tags\":[\"x\",\"y\"]}")));
    verified("body json loose", anyRequestedFor(anyUrl()).withRequestBody(equalToJson("{\"tags\":[\"y\",\"x\"]}", true, true)));
    verified("body json strict fails", anyRequestedFor(anyUrl()).withRequestBody(equalToJson("{\"name\":\"Ada\"}")));
    verified("body json placeholder", anyRequestedFor(anyUrl()).withRequestBody(equalToJson("{\"name\":\"${json-unit.any-string}\"}", true, true)));
    verified("jsonPath", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.name")));
    verified("jsonPath value", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.name", containing("Ad"))));
    verified("jsonPath filter", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.tags[?(@ == 'x')]")));
    verified("jsonPath number", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$[?(@.n > 2)]")));
    verified("jsonPath deep", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$..tags")));
    verified("jsonPath empty object fails", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.o")));
    verified("jsonPath length", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.tags.length()", equalTo("2"))));
    verified("jsonPath absent", postRequestedFor(urlPathEqualTo("/things")).withRequestBody(matchingJsonPath("$.none", absent())));
    verified("jsonSchema", anyRequestedFor(anyUrl()).withRequestBody(matchingJsonSchema("{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":3}}}")));
    verified("xml", anyRequestedFor(anyUrl()).withRequestBody(equalToXml("<order id='7'> <item>tea</item> <item>jam</item> </order>")));
    verified("xPath", anyRequestedFor(anyUrl()).withRequestBody(matchingXPath("/order/item")));
    verified("xPath value", anyRequestedFor(anyUrl()).withRequestBody(matchingXPath("//item/text()", equalTo("jam"))));
    verified("xPath fails", anyRequestedFor(anyUrl()).withRequestBody(matchingXPath("//none")));
    verified("date before", anyRequestedFor(anyUrl()).withHeader("X-When", before("2026-02-01T00:00:00Z")));
    verified("date after fails", anyRequestedFor(anyUrl()).withHeader("X-When", after("2026-02-01T00:00:00Z")));
    verified("date equal", anyRequestedFor(anyUrl()).withHeader("X-When", equalToDateTime("2026-01-02T03:04:05Z")));
    verified("date before now", anyRequestedFor(anyUrl()).withHeader("X-When", beforeNow()));
    verified("and", anyRequestedFor(anyUrl()).withHeader("X-Team", and(containing("r"), containing("d"))));
    verified("or", anyRequestedFor(anyUrl()).withHeader("X-Team", or(equalTo("blue"), equalTo("red"))));
    verified("not", anyRequestedFor(urlPathEqualTo("/things")).withHeader("X-Team", not(equalTo("blue"))));
    verified("does not match", anyRequestedFor(urlPathEqualTo("/things")).withHeader("X-Team", notMatching("b.*")));
    verified("multipart", anyRequestedFor(anyUrl()).withRequestBodyPart(aMultipart("one").withBody(equalTo("hello")).build()));
    verified("scheme", postRequestedFor(urlPathEqualTo("/form")).withScheme("http"));
    verified("host", postRequestedFor(urlPathEqualTo("/form")).withHost(matching("localhost|127.*")));
    verified("client ip", postRequestedFor(urlPathEqualTo("/form")).withClientIp(matching("127.*|0:0.*|::1")));
  }

  static void patterns() {
    call("unknown expression", () -> { mock.register(any(urlMatching("("))); return "registered"; });
    call("near misses for a pattern", () -> mock.findNearMissesFor(postRequestedFor(urlPathEqualTo("/thingz"))).get(0).getRequest().getUrl());
    run("register one", () -> mock.register(post(urlPathEqualTo("/thingz")).withName("near").willReturn(ok())));
    call("near misses for unmatched", () -> mock.findNearMissesForAllUnmatched().get(0).getStubMapping().getName());
    call("near misses for a request", () -> mock.findNearMissesFor(mock.find(postRequestedFor(urlPathEqualTo("/things"))).get(0)).get(0).getStubMapping().getName());
    call("all unmatched", () -> mock.findAllUnmatchedRequests().size());
  }

  static void answers() {
    stubbed("json", any(urlPathEqualTo("/s1")).willReturn(okJson("{\"a\": 1}").withHeader("X-Own", "yes")), () -> fetch("/s1"));
    stubbed("status", any(urlPathEqualTo("/s2")).willReturn(aResponse().withStatus(418).withBody("tea")), () -> fetch("/s2"));
    stubbed("json body", any(urlPathEqualTo("/s3")).willReturn(jsonResponse(Map.of("b", 2), 201)), () -> fetch("/s3"));
    stubbed("binary body", any(urlPathEqualTo("/s4")).willReturn(aResponse().withBody(new byte[] {104, 105})), () -> fetch("/s4"));
    stubbed("an unmatched method", post(urlPathEqualTo("/s5")).willReturn(ok("no")), () -> fetch("/s5").replaceAll("^\\d+ \\S+( \\S+=\\S+)? ", ""));
    stubbed("priority", any(urlPathEqualTo("/s6")).atPriority(9).willReturn(ok("low")), () -> { mock.register(any(urlPathMatching("/s.*")).atPriority(1).willReturn(ok("high"))); return fetch("/s6"); });
    stubbed("the newest wins", any(urlPathEqualTo("/s7")).willReturn(ok("old")), () -> { mock.register(any(urlPathEqualTo("/s7")).willReturn(ok("new"))); return fetch("/s7"); });
    stubbed("scenario", any(urlPathEqualTo("/s8")).inScenario("sc").whenScenarioStateIs("Started").willSetStateTo("two").willReturn(ok("first")), () -> {
      mock.register(any(urlPathEqualTo("/s8")).inScenario("sc").whenScenarioStateIs("two").willReturn(ok("second")));
      return fetch("/s8") + fetch("/s8") + fetch("/s8");
    });
    call("scenarios", () -> mock.getAllScenarios().stream().map(s -> s.getName() + " " + s.getState() + " " + s.getPossibleStates() + " " + s.getMappings().size()).collect(Collectors.toList()));
    run("reset scenario", () -> mock.resetScenario("sc"));
    call("scenario again", () -> fetch("/s8"));
    run("set state", () -> mock.setScenarioState("sc", "two"));
    run("set an unknown state", () -> mock.setScenarioState("sc", "nine"));
    run("set an unknown scenario", () -> mock.setScenarioState("none", "two"));
    run("reset scenarios", mock::resetScenarios);
    stubbed("delay", any(urlPathEqualTo("/s9")).willReturn(ok("late").withFixedDelay(50)), () -> fetch("/s9"));
    stubbed("delay distribution", any(urlPathEqualTo("/s10")).willReturn(ok("late").withRandomDelay(new UniformDistribution(1, 5))), () -> fetch("/s10"));
    stubbed("dribble", any(urlPathEqualTo("/s11")).willReturn(ok("drop by drop").withChunkedDribbleDelay(3, 30)), () -> fetch("/s11"));
    for (Fault f : Fault.values()) stubbed("fault " + f, any(urlPathEqualTo("/s12")).willReturn(aResponse().withFault(f)), () -> { try { return fetch("/s12"); } catch (Exception e) { return "broken"; } });
    stubbed("template", any(urlPathTemplate("/s13/{id}")).willReturn(ok("{{request.path.id}} {{request.path.[0]}} {{request.pathSegments.[1]}} {{request.query.q}} {{request.headers.X-Own}} {{request.method}} {{jsonPath request.body '$.a.b'}} {{upper 'x'}} {{#if request.query.none}}some{{else}}none{{/if}} {{#each (jsonPath request.body '$.l') as |e|}}<{{e}}>{{/each}} {{now offset='1 years' format='yyyy'}} {{math 2 '*' 3}} {{size request.pathSegments}} {{parameters.p}}")
        .withTransformers("response-template").withTransformerParameter("p", "v")), () -> send("POST", "/s13/seven?q=1&q=2", "{\"a\":{\"b\":\"c&d\"},\"l\":[1,2]}", "X-Own", "me"));
    stubbed("template headers", any(urlPathEqualTo("/s14")).willReturn(ok("x").withHeader("X-Own", "{{request.url}}").withTransformers("response-template")), () -> fetch("/s14"));
    stubbed("random values", any(urlPathEqualTo("/s15")).willReturn(ok("{{randomValue length=8 type='NUMERIC'}} {{randomValue type='UUID'}} {{randomInt lower=3 upper=4}} {{pickRandom 'a' 'a'}}").withTransformers("response-template")), () -> fetch("/s15").replaceAll("\\b\\d{8} ", "DIGITS "));
    stubbed("no template without the transformer", any(urlPathEqualTo("/s16")).willReturn(ok("{{request.url}}")), () -> fetch("/s16"));
    stubbed("body of a request matched", post(urlPathEqualTo("/s17")).withRequestBody(matchingJsonPath("$.k", equalTo("v"))).willReturn(ok("matched")), () -> send("POST", "/s17", "{\"k\":\"v\"}"));
    call("serve event of a stub", () -> mock.getServeEvents().get(0).getStubMapping().getRequest().getUrlPath() + " " + mock.getServeEvents().get(0).getWasMatched() + " " + mock.getServeEvents().get(0).getResponse().getStatus());
    run("unknown transformer", () -> mock.register(any(anyUrl()).willReturn(ok().withTransformers("no-such-thing"))));
    run("reason phrase of its own", () -> mock.register(any(urlEqualTo("/r")).willReturn(aResponse().withStatusMessage("Fine so"))));
    run("webhook", () -> mock.register(any(urlEqualTo("/w")).withServeEventListener("webhook", com.github.tomakehurst.wiremock.extension.Parameters.one("url", base))));
  }

  static void admin() {
    UUID id = UUID.fromString("11111111-2222-4333-8444-555555555555");
    run("clear", mock::removeMappings);
    call("register with an id", () -> mock.register(get(urlEqualTo("/m")).withId(id).withName("named").withMetadata(Map.of("owner", "ada", "n", 1)).willReturn(ok("m"))).getId());
    call("list", () -> mock.allStubMappings().getMappings().stream().map(StubMapping::getName).collect(Collectors.toList()));
    call("one", () -> mock.getStubMapping(id).getItem().getResponse().getBody());
    call("none", () -> mock.getStubMapping(UUID.fromString("11111111-2222-4333-8444-000000000000")).isPresent());
    run("edit", () -> mock.editStubMapping(get(urlEqualTo("/m")).withId(id).withName("edited").withMetadata(Map.of("owner", "ada")).willReturn(ok("edited"))));
    call("edited", () -> fetch("/m"));
    run("edit one that is not there", () -> mock.editStubMapping(get(urlEqualTo("/m")).withId(UUID.fromString("11111111-2222-4333-8444-000000000000")).willReturn(ok())));
    call("by metadata", () -> mock.findAllStubsByMetadata(matchingJsonPath("$.owner", equalTo("ada"))).size());
    call("events by metadata removed", () -> mock.removeEventsByStubMetadata(matchingJsonPath("$.owner", equalTo("ada"))).size());
    run("remove by metadata", () -> mock.removeStubsByMetadataPattern(matchingJsonPath("$.owner", equalTo("ada"))));
    call("after that", () -> mock.allStubMappings().getMappings().size());
    run("import", () -> mock.importStubMappings(StubImport.stubImport().stub(get(urlEqualTo("/i1")).willReturn(ok("i1"))).stub(get(urlEqualTo("/i2")).willReturn(ok("i2"))).build()));
    call("imported", () -> { String s = mock.allStubMappings().getMappings().toString(); return fetch("/i1") + fetch("/i2"); });
    call("global delay", () -> { mock.setGlobalFixedDelayVariable(20); return mock.getGlobalSettings().getFixedDelay(); });
    call("global random delay", () -> { mock.setGlobalRandomDelayVariable(new UniformDistribution(1, 2)); return mock.getGlobalSettings().getDelayDistribution().sampleMillis() > 0; });
    run("global settings back", () -> mock.updateGlobalSettings(com.github.tomakehurst.wiremock.global.GlobalSettings.builder().build()));
    call("events removed by a pattern", () -> mock.removeServeEvents(postRequestedFor(urlPathEqualTo("/form"))).size());
    call("one event removed", () -> { mock.removeServeEvent(mock.getServeEvents().get(0).getId()); return "done"; });
    run("save", mock::saveMappings);
    run("remove one", () -> mock.removeStubMapping(mock.allStubMappings().getMappings().get(0)));
    run("reset to default", mock::resetToDefaultMappings);
    call("recording status", () -> mock.getStubRecordingStatus().getStatus());
    run("recording stops", () -> mock.stopStubRecording());
    run("recording starts", () -> mock.startStubRecording(base));
    call("snapshot", () -> mock.takeSnapshotRecording().size() >= 0);
    run("reset everything", mock::resetRequests);
    call("nothing is left", () -> mock.getServeEvents().size());
    run("remove all", mock::removeMappings);
  }
}
