using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>A response, which knows all error codes in it.</summary>
public interface IErrorCounted
{
    /// <summary>Tells of every error code in the response, None included: one for each topic, partition or whatever it
    /// answers for. One without any says None once.</summary>
    void CountErrors(IErrorTally tally);
}

/// <summary>Counts error codes.</summary>
public interface IErrorTally
{
    /// <summary>A code that a client is told.</summary>
    void Add(ErrorCode error);
}
