using System.Globalization;
using System.Text;
using Barnabas.Node.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Node;

public sealed class PropertiesFileTests
{
    public static TheoryData<string, string, string> Lines => new()
    {
        { "a=b", "a", "b" },
        { "a:b", "a", "b" },
        { "a b", "a", "b" },
        { "  a \t=\f b ", "a", "b " },
        { "a = = b", "a", "= b" },
        { "a", "a", "" },
        { "=b", "", "b" },
        { @"a\ b=c", "a b", "c" },
        { @"a\=b\:c=d", "a=b:c", "d" },
        { @"a=\ttab\n", "a", "\ttab\n" },
        { @"a=\u00e4\u20AC", "a", "\u00e4\u20ac" },
        { @"a=C:\\data\x", "a", @"C:\datax" },
        { "a=#b!", "a", "#b!" },
        { "a=b\\\n   c", "a", "bc" },
        { "a=b\\\r\n   # c", "a", "b# c" },
        { "a=b\\\\", "a", "b\\" },
        { "a=b\\", "a", "b" },
        { "a\\\n=b", "a", "b" },
        { "# a=1\n! a=2\n\n   # a=3\r\r\na=b", "a", "b" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_is_read_as_Java_reads_it(string text, string key, string value)
    {
        var property = Assert.Single(PropertiesFile.Parse(text));

        Assert.Equal((key, value), (property.Key, property.Value));
    }

    [Fact]
    public void Properties_know_the_line_they_begin_on()
    {
        var properties = PropertiesFile.Parse("# top\r\na=1\\\r\n  2\n\n\nb=3\rc=4");

        Assert.Equal([new("a", "12", 2), new("b", "3", 6), new("c", "4", 7)], properties);
    }

    [Theory]
    [InlineData(@"a=\u12")]
    [InlineData(@"a=\u12 4")]
    [InlineData(@"a=\u+123")]
    public void A_broken_code_is_a_fault_on_its_line(string line)
    {
        var fault = Assert.Throws<FormatException>(() => PropertiesFile.Parse("x=y\n" + line));

        Assert.StartsWith("line 2: ", fault.Message);
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var texts = ArbMap.Default.ArbFor<string>().Generator.Where(t => t is not null);
        var pairs = (from key in texts from value in texts select (key, value)).ListOf().ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(pairs, list =>
        {
            var text = string.Join('\n', list.Select(p => $"{Escape(p.key)} = {Escape(p.value)}"));
            return PropertiesFile.Parse(text).Select(p => (p.Key, p.Value)).SequenceEqual(list);
        }));
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            try
            {
                PropertiesFile.Parse(text ?? "");
            }
            catch (FormatException)
            {
                // The one way in which it may fail.
            }
        }));
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
                escaped.Append(c);
            else if (c is ' ' or '=' or ':' or '#' or '!' or '\\')
                escaped.Append('\\').Append(c);
            else
                escaped.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
