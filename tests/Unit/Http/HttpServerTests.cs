using Barnabas.Http;

namespace Barnabas.Tests.Unit.Http;

public sealed class HttpServerTests
{
    private const string Get = "GET /page?a=b HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string GetAndClose = "GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    [Fact]
    public void A_page_comes_with_its_length_and_type()
    {
        var story = new HttpStory();
        story.Tell(async () => Assert.Equal(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11"
                + "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
                + "GET /page \n",
            await story.AskAsync(GetAndClose)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(65536)]
    public void Requests_may_come_in_pieces_and_several_at_once(int mostAtOnce)
    {
        var story = new HttpStory();
        story.World.Network.MostAtOnce = mostAtOnce;
        story.Tell(async () =>
        {
            var all = await story.AskAsync(Get + Get + GetAndClose);
            Assert.Equal(3, all.Split("HTTP/1.1 200 OK").Length - 1);
            Assert.Equal(2, all.Split("GET /page a=b\n").Length - 1);
            Assert.EndsWith("GET /page \n", all, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_head_gets_no_body()
    {
        var story = new HttpStory();
        story.Tell(async () =>
        {
            var answer = await story.AskAsync("HEAD /x HTTP/1.0\r\n\r\n");
            Assert.Contains("Content-Length: 9\r\n", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("POST /x HTTP/1.1\r\nHost: x\r\n\r\n", 405)]
    [InlineData("DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n", 405)]
    [InlineData("GET /x HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400)]
    [InlineData("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /x\r\n\r\n", 400)]
    [InlineData("GET  /x HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("\r\n\r\n", 400)]
    [InlineData("GET /\u0001 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /\u00ff HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nNoColon\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost : x\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400)]
    [InlineData("GET /x HTTP/2.0\r\nHost: x\r\n\r\n", 505)]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 413)]
    [InlineData("GET /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413)]
    public void What_is_no_request_for_a_page_is_refused_and_the_connection_closed(string bytes, int status)
    {
        var story = new HttpStory();
        story.Tell(async () =>
        {
            var answer = await story.AskAsync(bytes);
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_request_without_end_is_refused_at_the_limit()
    {
        var story = new HttpStory { Limits = new HttpLimits { MaxRequestBytes = 512 } };
        story.Tell(async () => Assert.StartsWith(
            "HTTP/1.1 431 ", await story.AskAsync("GET /" + new string('x', 2000)), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("GET /x HT", 10)]
    public void A_client_that_keeps_us_waiting_is_cut(string bytes, int seconds)
    {
        var story = new HttpStory();
        story.Tell(async () =>
        {
            await using var connection = await story.DialAsync();
            if (bytes.Length > 0)
                await HttpStory.SendAsync(connection, bytes);
            Assert.Equal("(cut)", await HttpStory.ReadAllAsync(connection));
            Assert.InRange(story.World.Age.TotalSeconds, seconds, seconds + 1);
        });
    }

    [Fact]
    public void Drops_of_a_request_do_not_put_off_its_deadline()
    {
        var story = new HttpStory();
        story.Tell(async () =>
        {
            await using var connection = await story.DialAsync();
            for (var i = 0; i < 9; i++)
            {
                await HttpStory.SendAsync(connection, "G");
                await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            }

            Assert.Equal("(cut)", await HttpStory.ReadAllAsync(connection));
            Assert.InRange(story.World.Age.TotalSeconds, 10, 11);
        });
    }

    [Fact]
    public void A_connection_may_be_silent_between_requests_for_a_while()
    {
        var story = new HttpStory();
        story.Tell(async () =>
        {
            await using var connection = await story.DialAsync();
            for (var i = 0; i < 3; i++)
            {
                await HttpStory.SendAsync(connection, Get);
                await HttpStory.ReadOneAsync(connection);
                await Task.Delay(TimeSpan.FromSeconds(100), story.World);
            }

            var before = story.World.Age;
            Assert.Equal("(cut)", await HttpStory.ReadAllAsync(connection));
            Assert.InRange((story.World.Age - before).TotalSeconds, 19, 21);
        });
    }

    [Fact]
    public void A_reader_that_never_reads_is_cut()
    {
        var story = new HttpStory
        {
            Serve = _ => Task.FromResult(HttpResponse.Text(200, new string('x', 1 << 20))),
        };
        story.Tell(async () =>
        {
            await using var connection = await story.DialAsync();
            await HttpStory.SendAsync(connection, Get);
            await Task.Delay(TimeSpan.FromSeconds(70), story.World);
            Assert.EndsWith("(cut)", await HttpStory.ReadAllAsync(connection), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_large_page_arrives_whole()
    {
        var page = string.Concat(Enumerable.Range(0, 200_000));
        var story = new HttpStory { Serve = _ => Task.FromResult(HttpResponse.Text(200, page)) };
        story.Tell(async () => Assert.EndsWith(
            "\r\n\r\n" + page + "\n", await story.AskAsync(GetAndClose), StringComparison.Ordinal));
    }

    [Fact]
    public void There_is_a_limit_to_connections_and_room_again_when_one_ends()
    {
        var story = new HttpStory { Limits = new HttpLimits { MaxConnections = 2 } };
        story.Tell(async () =>
        {
            await using var first = await story.DialAsync();
            var second = await story.DialAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            Assert.Equal("(cut)", await story.AskAsync(GetAndClose));

            await second.DisposeAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            Assert.StartsWith("HTTP/1.1 200 ", await story.AskAsync(GetAndClose), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_page_that_fails_costs_its_reader_an_answer_and_nothing_else()
    {
        var calls = 0;
        var story = new HttpStory
        {
            Serve = _ => calls++ == 0
                ? Task.FromException<HttpResponse>(new InvalidOperationException("broken"))
                : Task.FromResult(HttpResponse.Text(200, "whole")),
        };
        story.Tell(async () =>
        {
            var answer = await story.AskAsync(Get + GetAndClose);
            Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("broken", answer, StringComparison.Ordinal);
            Assert.EndsWith("whole\n", answer, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void An_address_in_use_is_told()
    {
        var story = new HttpStory();
        story.Tell(() =>
        {
            var host = story.World.NewHost(new Sim.SimDisk(1, story.World));
            var at = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 8080);
            Assert.Throws<IOException>(() => new HttpServer(host, at, new HttpLimits(), story.Serve));
            return Task.CompletedTask;
        });
    }
}
