using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Unit.Checker;

/// <summary>Tells histories, one operation after the other unless it says otherwise.</summary>
internal sealed class Told
{
    private readonly List<Operation> _operations = [];
    private long _time;

    /// <summary>The history so far.</summary>
    public History History(bool isReadToTheEnd = false) =>
        new([.. _operations.OrderBy(static operation => operation.Began)]) { IsReadToTheEnd = isReadToTheEnd };

    /// <summary>A client does something by itself.</summary>
    public Told Then(int process, Outcome outcome, params Step[] steps) =>
        Add(new(process, outcome, _time += 10, _time += 10, steps));

    /// <summary>A client does something that succeeds.</summary>
    public Told Then(int process, params Step[] steps) => Then(process, Outcome.Ok, steps);

    /// <summary>A client runs a transaction.</summary>
    public Told Transact(int process, Outcome outcome, params Step[] steps) =>
        Add(new(process, outcome, _time += 10, _time += 10, steps) { IsTransaction = true });

    /// <summary>A transaction that succeeds.</summary>
    public Told Transact(int process, params Step[] steps) => Transact(process, Outcome.Ok, steps);

    /// <summary>A client says what it reads from now on.</summary>
    public Told Assign(int process, bool isSubscription, params int[] keys) =>
        Add(new(process, Outcome.Ok, _time += 10, _time += 10, [])
        {
            Assigns = keys,
            IsSubscription = isSubscription,
        });

    /// <summary>Transactions of several clients, all at the same time.</summary>
    public Told AtOnce(params (int Process, Step[] Steps)[] transactions)
    {
        var (began, ended) = (_time + 10, _time + 20);
        foreach (var (process, steps) in transactions)
            Add(new(process, Outcome.Ok, began, ended, steps) { IsTransaction = true });
        _time = ended;
        return this;
    }

    /// <summary>While a client works on what it read, another one does something.</summary>
    public Told While(int process, Step[] work, int other, params Step[] steps)
    {
        Add(new(process, Outcome.Ok, _time + 10, _time + 40, work));
        Add(new(other, Outcome.Ok, _time + 20, _time + 30, steps));
        _time += 40;
        return this;
    }

    private Told Add(Operation operation)
    {
        _operations.Add(operation);
        return this;
    }
}
