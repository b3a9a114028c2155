package io.sparkface.pipeline.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a report as it is at the moment it is asked for, so that a run can be watched. It shows
 * the page alone, to whoever reaches the address; on loopback it answers to loopback's names only,
 * so that no page of the web can read it through the browser.
 */
public final class ReportServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ReportServer.class);

  private final Report report;
  private final HttpServer server;
  private final ExecutorService threads;
  private String last = "";

  /**
   * @param port 0 for any that is free
   * @throws UserError when the address cannot be listened on
   */
  public static ReportServer start(Report report, String address, int port) throws IOException {
    report.watched();
    try {
      return new ReportServer(report, new InetSocketAddress(InetAddress.getByName(address), port));
    } catch (IOException e) {
      throw new UserError(
          "the address cannot be listened on: " + e.getMessage(),
          address + ":" + port,
          "choose another --port or --address",
          e);
    }
  }

  private ReportServer(Report report, InetSocketAddress address) throws IOException {
    this.report = report;
    this.server = HttpServer.create(address, 0);
    this.threads =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, "report");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("Cache-Control", "no-cache");
      if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
        exchange.sendResponseHeaders(405, -1);
      } else if (!exchange.getRequestURI().getPath().equals("/")) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!known(exchange.getRequestHeaders().getFirst("Host"))) {
        exchange.sendResponseHeaders(421, -1);
      } else {
        page(exchange);
      }
    }
  }

  private boolean known(String host) {
    return !server.getAddress().getAddress().isLoopbackAddress()
        || host != null && host.matches("(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1\\])(:\\d+)?");
  }

  private void page(HttpExchange exchange) throws IOException {
    try {
      last = report.watched();
    } catch (IOException | RuntimeException e) {
      // a file was replaced while it was read; the next look finds it
      LOG.warn("the report could not be made: {}", e.getMessage());
      if (last.isEmpty()) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
    }
    String tag = "\"" + Integer.toHexString(last.hashCode()) + "-" + last.length() + "\"";
    exchange.getResponseHeaders().set("ETag", tag);
    if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    byte[] bytes = last.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
