using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class JaasEntryTests
{
    [Theory]
    [InlineData("a.B required user=\"x\" password=\"y\";", "x", "y")]
    [InlineData(" a.B  REQUIRED\n user = \"x;=\" password='a\"b' ; ", "x;=", "a\"b")]
    [InlineData("a.B optional user=x password=\"\\\"\\\\\";", "x", "\"\\")]
    public void An_entry_has_a_module_and_options(string text, string user, string password)
    {
        var entry = JaasEntry.Parse(text);
        Assert.Equal(("a.B", user, password), (entry.Module, entry.Options["user"], entry.Options["password"]));
        Assert.DoesNotContain(password, $"{entry}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.B")]
    [InlineData("a.B needed user=\"x\";")]
    [InlineData("a.B required user=\"x\"")]
    [InlineData("a.B required user=\"secret;")]
    [InlineData("a.B required user \"secret\";")]
    [InlineData("a.B required user=;")]
    [InlineData("a.B required user=\"secret\"; more")]
    public void What_is_no_entry_is_refused_without_a_word_of_what_it_says(string text) => Assert.DoesNotContain(
        "secret", Assert.Throws<FormatException>(() => JaasEntry.Parse(text)).Message, StringComparison.Ordinal);
}
