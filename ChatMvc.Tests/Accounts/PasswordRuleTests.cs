using System.Text.Json;
using ChatMvc.Accounts;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Shared;

namespace ChatMvc.Tests.Accounts;

public sealed class PasswordRuleTests
{
    private static readonly PhoneNumber Maya = PhoneNumber.Parse("+12125550101");

    [Theory]
    [InlineData("three quiet otters")]
    [InlineData("fifteen letters")]
    [InlineData("   spaces   around   ")]
    [InlineData("🐙🦑🐚🐋🐬🦭🦈🐟🐠🐡🦀🦞")]
    [InlineData("многословие-без-правил")]
    [InlineData("monkey83920174652")]
    [InlineData("#*$(&otter&@)!^")]
    [InlineData("839201748365")]
    [InlineData("Tr0ub4dor&3xyz")]
    public void Anything_long_enough_will_do_without_rules_of_composition(string password) => Assert.Null(Refuse(password));

    [Fact]
    public void Lengths_are_counted_in_characters_and_have_bounds()
    {
        Assert.Contains("at least 12 characters; these are 11", Refuse("3 loud toad"), StringComparison.Ordinal);
        Assert.Contains("these are 6", Refuse("🐙🦑🐚🐋🐬🦭"), StringComparison.Ordinal);
        foreach (var length in new[] { 12, 15, 64, 128 }) Assert.Null(Refuse(Words(length)));
        Assert.Null(Refuse(string.Concat(Enumerable.Repeat("🐙🦑🐚🐋🐬🦭🦈🐟🐠🐡🦀🦞x", 9).Append("🐙🦑🐚🐋🐬🦭🦈🐟🐠🐡🦀"))));
        Assert.Contains("at most 128", Refuse(Words(129)), StringComparison.Ordinal);
        Assert.Contains("Type a new password", Refuse(""), StringComparison.Ordinal);
        Assert.Contains("Type a new password", Refuse(null), StringComparison.Ordinal);
        Assert.Null(Refuse("o7 tt3rs", minLength: 8));
    }

    [Theory]
    [InlineData("Password1234")]
    [InlineData("PASSWORD!!!!")]
    [InlineData("password123456789")]
    [InlineData("p@ssw0rd2026")]
    [InlineData("123456iloveyou!")]
    [InlineData("leavemealone")]
    public void What_is_guessed_first_is_refused(string password) => Assert.Contains("guessed first", Refuse(password), StringComparison.Ordinal);

    [Theory]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("123456789012")]
    [InlineData("987654321098")]
    [InlineData("abcdefghijklm")]
    [InlineData("qwertyuiopasdf")]
    [InlineData("x7kx7kx7kx7k")]
    [InlineData("passwordpassword")]
    [InlineData("Qwerty123456!")]
    [InlineData("zzzzzzzzzzzz2026")]
    public void What_is_a_simple_sequence_or_repetition_is_refused(string password) => Assert.Contains("simple", Refuse(password), StringComparison.Ordinal);

    [Theory]
    [InlineData("ChatMvc123456")]
    [InlineData("chat mvc 2026")]
    [InlineData("The Otter Club!!")]
    [InlineData("theotterclub2026")]
    public void The_name_of_the_site_with_digits_is_refused(string password) => Assert.Contains("name of this site", Refuse(password), StringComparison.Ordinal);

    [Theory]
    [InlineData("+12125550101")]
    [InlineData("(212) 555-0101 !!")]
    [InlineData("maya's 555 01 01")]
    [InlineData("２１２５５５０１０１ok")]
    [InlineData("0012125550101")]
    public void Ones_own_number_is_refused_however_it_is_written(string password) => Assert.Contains("phone number", Refuse(password), StringComparison.Ordinal);

    [Fact]
    public void Another_number_is_not_ones_own() => Assert.Null(Refuse("maya's 739 48 61"));

    [Fact]
    public void The_list_is_what_the_search_takes_it_for()
    {
        using var file = typeof(CommonPasswords).Assembly.GetManifestResourceStream("passwords.json")!;
        var list = JsonSerializer.Deserialize<string[]>(file)!;
        Assert.True(list.Length > 40_000);
        Assert.DoesNotContain(list, p => p.Any(c => c is < ' ' or > '~' or '"' or '\\' || char.IsAsciiLetterUpper(c)));
        Assert.All(new[] { list[0], list[20_000], list[^1] }, p => Assert.True(CommonPasswords.HoldAny([p])));
        Assert.False(CommonPasswords.HoldAny(["three quiet otters", "", ",", "\",\"", "пароль", "passwo rd"]));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("65")]
    [InlineData("twelve")]
    public void The_least_length_is_bounded(string length)
    {
        var refused = Assert.Throws<SettingsException>(() => Program.Build(["--environment=Development", "--Urls=http://127.0.0.1:0", $"--Passwords:MinLength={length}"]));
        Assert.StartsWith("Passwords:MinLength", refused.Message, StringComparison.Ordinal);
    }

    private static string? Refuse(string? password, int minLength = 12) =>
        new PasswordRules(new PasswordSettings { MinLength = minLength }, new SiteSettings { Name = "The Otter Club" }).Refuse(password, Maya);

    // Of that length, and without a repetition.
    private static string Words(int length) => string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i * i * 7 % 26)))[..length];
}
