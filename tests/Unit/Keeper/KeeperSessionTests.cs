using Barnabas.Keeper;
using Barnabas.SimKeeper;
using static Barnabas.Tests.Unit.Keeper.KeeperStory;

namespace Barnabas.Tests.Unit.Keeper;

public sealed class KeeperSessionTests
{
    [Fact]
    public void A_session_goes_on_at_another_server() => Run(
        async story =>
        {
            var client = story.Client();
            await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
            var session = client.SessionId;
            foreach (var round in Enumerable.Range(0, 9))
            {
                var at = story.Ensemble.Members.Single(m => m.Connections > 0);
                at.Stop();
                Assert.Equal(session, (await AskAsync(client)).Stat.Owner);
                at.Start();
            }

            Assert.Equal(session, client.SessionId);
            Assert.Equal(KeeperState.Connected, client.State);
            Assert.DoesNotContain(KeeperState.Expired, story.States);
        },
        members: 3);

    [Fact]
    public void What_was_on_its_way_is_unknown_and_what_was_not_sent_waits() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/a", Bytes(""));
        var fates = new Queue<RequestFate>([RequestFate.LostBefore, RequestFate.LostAfter]);
        story.Ensemble.Fate = _ => fates.TryDequeue(out var fate) ? fate : RequestFate.Served;
        Assert.Equal(KeeperError.ConnectionLoss, (await client.CreateAsync("/b", Bytes(""))).Error);
        Assert.Equal(KeeperError.ConnectionLoss, (await client.CreateAsync("/c", Bytes(""))).Error);
        var (b, c, d) = (client.ExistsAsync("/b"), client.ExistsAsync("/c"), client.CreateAsync("/d", Bytes("")));
        Assert.Equal(KeeperState.Connecting, client.State);
        Assert.Equal(
            [KeeperError.NoNode, KeeperError.None, KeeperError.None],
            [(await b).Error, (await c).Error, (await d).Error]);
    });

    [Fact]
    public void An_idle_session_lives_on() => Run(async story =>
    {
        var client = story.Client(timeoutMs: 3000);
        await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
        for (var i = 0; i < 60; i++)
        {
            await story.PassAsync(1000);
            var silence = story.Host.Time.GetElapsedTime(client.LastContact);
            Assert.True(silence < TimeSpan.FromMilliseconds(1500), $"no contact for {silence}");
        }

        Assert.True((await client.ExistsAsync("/e")).IsOk);
        Assert.Equal([KeeperState.Connected], story.States);
    });

    [Fact]
    public void A_server_that_says_nothing_is_left() => Run(
        async story =>
        {
            var client = story.Client(timeoutMs: 6000);
            await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
            var at = story.Ensemble.Members.Single(m => m.Connections > 0);
            at.Pause();
            var asked = await client.ExistsAsync("/e");
            Assert.Equal(KeeperError.ConnectionLoss, asked.Error);
            Assert.True((await client.ExistsAsync("/e")).IsOk);
            at.GoOn();
        },
        members: 3);

    [Fact]
    public void A_session_without_its_client_is_over_and_the_client_learns_it() => Run(async story =>
    {
        var client = story.Client(timeoutMs: 3000);
        await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
        story.Ensemble.Members[0].Stop();
        await story.PassAsync(5000);
        Assert.Equal(KeeperState.Connecting, client.State);
        var waits = client.ExistsAsync("/e");
        story.Ensemble.Members[0].Start();
        Assert.Equal(KeeperError.SessionExpired, (await waits).Error);
        Assert.Equal(KeeperState.Expired, client.State);
        Assert.Equal(KeeperError.SessionExpired, (await client.ExistsAsync("/e")).Error);
        var next = story.Client();
        Assert.Equal(KeeperError.NoNode, (await next.ExistsAsync("/e")).Error);
    });

    [Fact]
    public void A_session_ended_by_the_servers_is_over_at_once() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
        story.Ensemble.Expire(client.SessionId);
        await story.PassAsync(1000);
        Assert.Equal(KeeperState.Expired, client.State);
    });

    /// <summary>A server that has not applied what the client saw elsewhere is not good enough.</summary>
    [Fact]
    public void Time_does_not_go_back_at_another_server() => Run(
        async story =>
        {
            var (a, b) = (story.Ensemble.Members[0], story.Ensemble.Members[1]);
            b.Stop();
            var client = story.Client(timeoutMs: 60_000);
            await client.CreateAsync("/a", Bytes("old"));
            await story.PassAsync(10);
            var lag = story.Ensemble.Lag;
            b.Start();
            b.Pause();
            await client.SetDataAsync("/a", Bytes("new"));
            a.Stop();
            story.Ensemble.Lag = TimeSpan.FromSeconds(20);
            b.GoOn();
            story.Ensemble.Lag = lag;
            Assert.Equal("new", Text((await AskAsync(client, "/a")).Data));
            Assert.True(b.Taken > 1, "it was refused at first");
        },
        members: 2);

    [Fact]
    public void A_client_that_is_closed_ends_its_session() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
        await client.DisposeAsync();
        Assert.Equal(KeeperState.Closed, client.State);
        Assert.Empty(story.Ensemble.Sessions);
        Assert.Equal(KeeperError.SessionExpired, (await client.ExistsAsync("/e")).Error);
        await client.DisposeAsync();
    });

    [Fact]
    public void A_client_is_closed_though_nobody_answers() => Run(async story =>
    {
        var client = story.Client(timeoutMs: 60_000);
        await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral);
        story.Ensemble.Members[0].Pause();
        var before = story.Host.Time.GetTimestamp();
        await client.DisposeAsync();
        Assert.True(story.Host.Time.GetElapsedTime(before) < TimeSpan.FromSeconds(3));
        story.Ensemble.Members[0].GoOn();
    });

    [Fact]
    public void A_client_is_closed_while_a_server_is_about_to_greet_it() => Run(async story =>
    {
        story.Ensemble.Members[0].Pause();
        var client = story.Client();
        await story.PassAsync(100);
        var closed = client.DisposeAsync().AsTask();
        await story.PassAsync(100);
        story.Ensemble.Members[0].GoOn();
        await Task.WhenAny(closed, story.PassAsync(60_000));
        Assert.True(closed.IsCompletedSuccessfully);
    });

    [Fact]
    public void A_client_without_a_server_is_closed() => Run(async story =>
    {
        story.Ensemble.Members[0].Stop();
        var client = story.Client();
        await story.PassAsync(1000);
        await client.DisposeAsync();
        Assert.Equal(KeeperState.Closed, client.State);
    });

    [Fact]
    public void One_seed_gives_one_history()
    {
        ulong Trace()
        {
            var trace = 0ul;
            Run(
                async story =>
                {
                    var client = story.Client();
                    story.Ensemble.Fate = _ => (RequestFate)story.Host.Random.Next(3);
                    for (var i = 0; i < 50; i++)
                        await client.CreateAsync($"/n{i}", Bytes(""));
                    story.Ensemble.Fate = _ => RequestFate.Served;
                    trace = story.World.Trace;
                },
                members: 3, seed: 7);
            return trace;
        }

        Assert.Equal(Trace(), Trace());
    }

    private static async Task<NodeData> AskAsync(KeeperClient client, string path = "/e")
    {
        while (true)
        {
            var answer = await client.GetDataAsync(path);
            if (answer.Error != KeeperError.ConnectionLoss)
                return answer.Value;
        }
    }
}
