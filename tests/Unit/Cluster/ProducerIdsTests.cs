using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>How a broker hands out the producer ids that the controller gives it.</summary>
public sealed class ProducerIdsTests
{
    private readonly Queue<AllocateProducerIdsResponse> _answers = new();
    private int _asked;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_refusal_the_controller_is_asked_again(bool isLate) => Tell(isLate, async ids =>
    {
        _answers.Enqueue(new() { ErrorCode = ErrorCode.NotController });
        _answers.Enqueue(new() { ErrorCode = ErrorCode.NotController });
        _answers.Enqueue(Block(1000, 3));
        Assert.Null(await ids.NextAsync());
        Assert.Null(await ids.NextAsync());
        Assert.Equal(new ProducerId(1000), await ids.NextAsync());
        Assert.Equal(3, _asked);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_block_that_is_used_up_is_followed_by_another_and_no_id_is_given_twice(bool isLate) =>
        Tell(isLate, async ids =>
        {
            _answers.Enqueue(Block(1000, 3));
            _answers.Enqueue(Block(5000, 3));
            var given = Enumerable.Range(0, 6).Select(_ => ids.NextAsync()).ToList();
            var all = new List<ProducerId?>();
            foreach (var one in given)
                all.Add(await one);
            ProducerId?[] expected = [new(1000), new(1001), new(1002), new(5000), new(5001), new(5002)];
            Assert.Equal(expected, all.OrderBy(id => id?.Value));
            Assert.Equal(2, _asked);
        });

    private void Tell(bool isLate, Func<ProducerIds, Task> story)
    {
        var world = new World(1);
        var host = world.NewHost(new SimDisk(1, world));
        world.Run(() => story(new ProducerIds(host, new BrokerId(1), () => ClusterState.Empty, async _ =>
        {
            _asked++;
            if (isLate)
                await Task.Delay(TimeSpan.FromSeconds(1), world);
            return _answers.Dequeue();
        })));
    }

    private static AllocateProducerIdsResponse Block(long first, int count) =>
        new() { ProducerIdStart = new(first), ProducerIdLen = count };
}
