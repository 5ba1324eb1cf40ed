using Barnabas.Base;

namespace Barnabas.Transactions;

/// <summary>What a producer is told of itself.</summary>
/// <param name="Error">None, or why it is refused.</param>
/// <param name="Identity">By which id and epoch it goes on; none with an error, and where its protocol does not
/// tell.</param>
public readonly record struct ProducerAnswer(ErrorCode Error, ProducerIdentity Identity)
{
    /// <summary>An error, and no identity.</summary>
    public static ProducerAnswer Refused(ErrorCode error) => new(error, ProducerIdentity.None);
}
