using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Server;

/// <summary>What a handler gives for a request: when the next request may be taken up, and the
/// answer.</summary>
/// <remarks>
/// <para>An answer that is there already converts by itself. <see cref="InOrder"/> is the form for what takes
/// time and must be finished before the connection's next request begins, as is the rule in Kafka. A handler
/// that fixes the order of things before its answer is ready, as an append does, gives both tasks, and so
/// lets requests overlap.</para>
/// <para>Answers leave in the order of the requests, whatever the order in which they become ready.</para>
/// </remarks>
/// <typeparam name="TResponse">The answer.</typeparam>
public readonly struct Pending<TResponse>
    where TResponse : class
{
    private readonly TResponse? _ready;
    private readonly Task<TResponse?>? _answer;

    /// <summary>An answer to come.</summary>
    /// <param name="accepted">Ends when the next request may be taken up. Its failure counts for nothing: the
    /// answer's does.</param>
    /// <param name="answer">The answer; null for a request that gets none.</param>
    public Pending(Task accepted, Task<TResponse?> answer) => (Accepted, _answer) = (accepted, answer);

    private Pending(TResponse? ready) => (Accepted, _ready) = (Task.CompletedTask, ready);

    /// <summary>No answer at all, as a Produce request with acks=0 wants it.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Pending<T>.None reads as what it is.")]
    public static Pending<TResponse> None => new(ready: null);

    /// <summary>Ends when the connection may take up its next request.</summary>
    public Task Accepted { get; }

    /// <summary>The answer to come; null when it is there already.</summary>
    internal Task<TResponse?>? Answer => _answer;

    /// <summary>The answer that is there already; null for none, or when it is still to come.</summary>
    internal TResponse? Ready => _ready;

    /// <summary>An answer that is there already.</summary>
    public static implicit operator Pending<TResponse>(TResponse answer) => new(answer);

    /// <summary>An answer to come, before which the connection's next request is not begun.</summary>
    [SuppressMessage(
        "Design", "CA1000", Justification = "The type is named once, where the handler is declared.")]
    public static Pending<TResponse> InOrder(Task<TResponse?> answer) => new(answer, answer);

    /// <summary>An answer to come, while the connection's next requests are already taken up.</summary>
    [SuppressMessage(
        "Design", "CA1000", Justification = "The type is named once, where the handler is declared.")]
    public static Pending<TResponse> Overlapping(Task<TResponse?> answer) => new(Task.CompletedTask, answer);
}
