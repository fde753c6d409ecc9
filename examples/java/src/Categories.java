import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A small client of kickflow, to show how it is tested. */
public record Categories(String url, String token) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Creates a category and returns the answer. */
  public HttpResponse<String> create(String name) throws IOException, InterruptedException {
    return send(request("/v1/categories").header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\"}")).build());
  }

  /** Returns all categories as JSON. */
  public HttpResponse<String> list() throws IOException, InterruptedException {
    return send(request("/v1/categories").build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).header("Authorization", "Bearer " + token);
  }

  private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return HTTP.send(request, BodyHandlers.ofString());
  }
}
