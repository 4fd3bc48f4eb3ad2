# docker build -t sweep-report . && docker run --rm -p 8501:8501 sweep-report
FROM python:3.12-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --requirement requirements.txt
COPY lib lib
COPY pages pages
COPY sample/*.parquet sample/
COPY streamlit_app.py ./
RUN python -m compileall -q lib
COPY .streamlit/config.toml .streamlit/

RUN useradd --create-home --uid 10001 reader
USER reader
EXPOSE 8501
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
ENTRYPOINT ["python", "-m", "streamlit", "run", "streamlit_app.py", "--server.address=0.0.0.0", "--server.headless=true"]
