using ChatMvc.Accounts;

namespace ChatMvc.Tests.Accounts;

public sealed class TypedCodeTests
{
    [Theory]
    [InlineData("123456")]
    [InlineData(" 123 456 ")]
    [InlineData("123-456")]
    [InlineData("123.456.")]
    [InlineData("(123) 456")]
    [InlineData("12-34-56")]
    [InlineData("123\u2013456")]
    [InlineData("123\u00a0456\t")]
    [InlineData("\u202a123456\u202c")]
    [InlineData("\ufeff123\u2060456\u200b")]
    [InlineData("１２３　４５６")]
    [InlineData("１２３－４５６")]
    [InlineData("123ー456")]
    [InlineData("#123456")]
    public void What_people_type_and_paste_is_six_digits(string typed)
    {
        Assert.True(TypedCode.TryRead(typed, out var digits));
        Assert.Equal("123456", digits);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345O")]
    [InlineData("１２３４５")]
    [InlineData("١٢٣٤٥٦")]
    [InlineData("+123456")]
    [InlineData("1 2 3 4 5 6          ")]
    public void What_is_no_code_is_no_guess(string? typed) => Assert.False(TypedCode.TryRead(typed, out _));
}
