using System.Text;
using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class PeerLoadTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("INFO {\"a\":1}\r\nMSG", 14)]
    [InlineData("MSG _INBOX.bench 1 5\r\nhello\r\nMSG", 29)]
    [InlineData("MSG _INBOX.bench 1 5\r\nhello\r", 0)]
    [InlineData("MSG _INBOX.bench 1 5", 0)]
    [InlineData("PING\r\nMSG x 1 2\r\nhi\r\n", 21)]
    [InlineData("PING\r\n", 0)]
    public void An_answer_of_NATS_is_as_long_as_it_says(string received, int length) =>
        Assert.Equal(length, NatsLoad.AnswerLength(Encoding.ASCII.GetBytes(received)));

    [Theory]
    [InlineData("-ERR 'no'\r\n")]
    [InlineData("MSG x 1 12\r\n{\"error\":{}}\r\n")]
    public void A_refusal_of_NATS_ends_the_run(string received) =>
        Assert.Throws<LoadException>(() => NatsLoad.AnswerLength(Encoding.ASCII.GetBytes(received)));

    [Theory]
    [InlineData("", 0)]
    [InlineData("$3\r\n1-0\r\n$3", 9)]
    [InlineData("$3\r\n1-0\r", 0)]
    [InlineData("$1", 0)]
    public void An_answer_of_Redis_is_as_long_as_it_says(string received, int length) =>
        Assert.Equal(length, RedisLoad.AnswerLength(Encoding.ASCII.GetBytes(received)));

    [Fact]
    public void A_refusal_of_Redis_ends_the_run() =>
        Assert.Throws<LoadException>(() => RedisLoad.AnswerLength("-OOM no\r\n"u8));
}
