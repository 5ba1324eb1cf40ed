using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A request to the cluster did not come out well.</summary>
public class KafkaException : Exception
{
    /// <summary>Tells what came out.</summary>
    /// <param name="code">The protocol's error.</param>
    /// <param name="message">What happened, in words; the code's own meaning if null.</param>
    /// <param name="inner">The fault beneath; null when there is none.</param>
    public KafkaException(ErrorCode code, string? message = null, Exception? inner = null)
        : base(message is null ? $"{code.KafkaName()}: {code.Meaning()}" : $"{code.KafkaName()}: {message}", inner) =>
        (Code, Reason) = (code, message);

    /// <summary>The protocol's error; <see cref="ErrorCode.NetworkException"/> when no answer came.</summary>
    public ErrorCode Code { get; }

    /// <summary>True when the same request may succeed later. The client has retried such errors for as long as its
    /// options say before it throws them.</summary>
    public bool IsRetriable => Code.IsRetriable();

    /// <summary>True when the object that threw it can do nothing more: a fenced producer, say.</summary>
    public bool IsFatal { get; init; }

    /// <summary>True when the request may have been carried out all the same, at least in part: no answer came, or one
    /// that leaves it open. A record whose delivery failed so may be in the log.</summary>
    public bool MayHaveBeenApplied { get; init; }

    /// <summary>What happened, in words without the code; null for the code's own meaning.</summary>
    internal string? Reason { get; }
}
