using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Base;

public sealed class RecurringTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly World _world = new(seed: 1);
    private readonly List<double> _beats = [];
    private readonly Recurring _recurring;

    public RecurringTests() => _recurring = new Recurring(
        _world.NewHost(new SimDisk(0)).Time, () => _beats.Add(_world.Age.TotalSeconds));

    public void Dispose() => _recurring.Dispose();

    [Fact]
    public void It_is_due_first_and_then_at_each_interval()
    {
        _recurring.Begin(Second * 3, Second * 10);
        _world.RunFor(Second * 30);
        Assert.Equal([3, 13, 23], _beats);
    }

    [Fact]
    public void At_rest_it_is_never_due()
    {
        _recurring.Begin(Second * 3, Second * 10);
        _world.RunFor(Second * 3);
        _recurring.Rest();
        _world.RunFor(Second * 1000);
        Assert.Equal([3], _beats);
    }

    [Theory]
    [InlineData(1, 13)]
    [InlineData(10, 23)]
    [InlineData(47.5, 53)]
    public void Woken_it_goes_on_at_its_old_beats(double after, double next)
    {
        _recurring.Begin(Second * 3, Second * 10);
        _world.RunFor(Second * 3);
        _recurring.Rest();
        _world.RunFor(Second * after);
        _recurring.Wake();
        _recurring.Wake();
        _world.RunFor(Second * 3 + Second * next - _world.Age + Second * 8);
        Assert.Equal([3, next, next + 10], _beats);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 13)]
    public void It_may_rest_from_the_beginning(double after, double next)
    {
        _recurring.Begin(Second * 3, Second * 10);
        _recurring.Rest();
        _world.RunFor(Second * after);
        _recurring.Wake();
        _world.RunFor(Second * next + Second - _world.Age);
        Assert.Equal([next], _beats);
    }

    [Fact]
    public void One_that_does_not_rest_is_not_woken()
    {
        _recurring.Begin(Second * 3, Second * 10);
        _world.RunFor(Second * 4);
        _recurring.Wake();
        _world.RunFor(Second * 16);
        Assert.Equal([3, 13], _beats);
    }

    [Fact]
    public void What_is_over_is_not_woken()
    {
        _recurring.Begin(Second * 3, Second * 10);
        _world.RunFor(Second * 3);
        _recurring.Rest();
        _recurring.Dispose();
        _recurring.Wake();
        _world.RunFor(Second * 100);
        Assert.Equal([3], _beats);
    }
}
